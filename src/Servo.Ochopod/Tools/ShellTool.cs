using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.Ochopod.Tools;

/// <summary>
/// <c>shell LINE</c>: runs a line by <c>sh</c> among the uploaded files, without its standard error, in the slot of a run. Only if
/// the operator allows it: whoever reaches the control endpoint may then run anything as the gateway's user.
/// </summary>
internal sealed partial class ShellTool(
    IScriptRunner runner,
    RunAdmission admission,
    RunDrain drain,
    OutputSpools spools,
    PendingAnswers pending,
    IOptions<PodOptions> pod,
    IOptions<OutputOptions> output,
    IOptions<ScriptOptions> scripts,
    TimeProvider time,
    ILogger<ShellTool> logger)
    : IPodTool
{
    private const string Script = ".servo-shell.py";

    // The runner ends what a script leaves behind, and knows Python only, so the script becomes the shell. The line comes by the environment:
    // it is nobody's code here.
    private const string Source = """
        import os
        line = os.environ.pop('SERVO_SHELL_LINE')
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execv('/bin/sh', ['sh', '-c', line])
        """;

    public string Name => "shell";

    public bool IsAllowed => pod.Value.Shell;

    public async Task RunAsync(ToolCall call)
    {
        if (!admission.Admit().TryGet(out var admitted, out var refusal))
        {
            await RefuseAsync(call, refusal);
            return;
        }

        using (admitted)
        {
            var ending = drain.Ending;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(ending, call.Context.RequestAborted);
            await using var answer = new ShellAnswer(call.Context, output.Value, spools.Create()) { Pending = pending };
            await answer.StartedAsync(Name);

            try
            {
                using var slot = await admission.WaitForSlotAsync(end.Token);
                answer.Exit = await ExecuteAsync(call, answer, end.Token);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested && !call.Context.RequestAborted.IsCancellationRequested)
            {
                await RefuseAsync(call, admission.Refusal ?? new Rejection.ShuttingDown());
                return;
            }

            await answer.CompleteAsync(new RunReport(Name, Failure: null));
        }
    }

    private async Task<ScriptExit> ExecuteAsync(ToolCall call, ShellAnswer answer, CancellationToken end)
    {
        var script = Path.Join(call.Workspace.ScratchDirectory, Script);
        await File.WriteAllTextAsync(script, Source, new UTF8Encoding(false), end);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = call.Workspace.HomeDirectory,
            ["TMPDIR"] = call.Workspace.TemporaryDirectory,
            ["SERVO_SHELL_LINE"] = call.Arguments,
        };
        var bundle = call.Workspace.BundleDirectory;
        var process = new ScriptProcess(Name, Path.GetRelativePath(bundle, script), bundle, environment);

        using var limit = new CancellationTokenSource(scripts.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, end);
        return await runner.RunAsync(process, answer, either.Token);
    }

    private Task RefuseAsync(ToolCall call, Rejection refusal)
    {
        Log.Refused(logger, Caller.Of(call.Context), refusal.Kind, refusal.Detail);
        return call.FailAsync($"unexpected failure -> {refusal.Detail}");
    }

    private sealed class ShellAnswer(HttpContext context, OutputOptions options, OutputSpool log) : JsonAnswer(context, options, log)
    {
        public ScriptExit Exit { get; set; }

        protected override string LogName => "stdout";

        protected override void WriteHead(Utf8JsonWriter json, RunReport report) => json.WriteNumber("code", Exit.Code);
    }

    private static partial class Log
    {
        // Without the line, as it may hold a secret.
        [LoggerMessage(1, LogLevel.Warning, "Refused a shell line for the tool's caller {Caller}, {Kind}: {Detail}")]
        public static partial void Refused(ILogger logger, string caller, string kind, string detail);
    }
}
