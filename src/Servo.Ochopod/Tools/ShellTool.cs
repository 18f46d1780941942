using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Ochopod.Tools;

/// <summary>
/// <c>shell LINE</c>: runs a line by <c>sh</c> among the uploaded files, without its standard error, in the slot of a run. Only if
/// the operator allows it: whoever reaches the control endpoint may then run anything as the gateway's user.
/// </summary>
internal sealed partial class ShellTool(
    IScriptRunner runner,
    RunAdmission admission,
    RunDrain drain,
    ITemporaryFiles files,
    IOptions<PodOptions> pod,
    IOptions<ScriptOptions> scripts,
    IOptions<OutputOptions> limits,
    TimeProvider time,
    ILogger<ShellTool> logger)
    : IPodTool
{
    private const string Script = ".servo-shell.py";

    // A script that becomes the shell: the runner ends what it leaves behind, and every gateway has Python to run it. The line comes by the
    // environment, as quoted in the source it could become part of the program.
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
            var cancellation = new RunCancellation();
            using var drained = drain.Watch(cancellation);
            using var hungUp = call.Context.RequestAborted.UnsafeRegister(
                _ => cancellation.Cancel(new CancellationReason.Requested("its caller hung up")), null);
            using var output = new ShellOutput(new ShellSpool(files, logger), limits.Value.MaxBytes);
            ConnectionPlaces.Keep(call.Context, ConnectionHold.Run);

            try
            {
                using var slot = await admission.WaitForSlotAsync(cancellation.Token);
                var exit = await ExecuteAsync(call, output, cancellation);
                await output.SendAsync(call.Context, exit.Code, time);
            }
            catch (OperationCanceledException) when (cancellation.Reason is CancellationReason.Closed closed)
            {
                await RefuseAsync(call, closed.Why);
            }
        }
    }

    private async Task<ScriptExit> ExecuteAsync(ToolCall call, ShellOutput output, RunCancellation cancellation)
    {
        var script = Path.Join(call.Workspace.ScratchDirectory, Script);
        await File.WriteAllTextAsync(script, Source, new UTF8Encoding(false), cancellation.Token);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = call.Workspace.HomeDirectory,
            ["TMPDIR"] = call.Workspace.TemporaryDirectory,
            ["SERVO_SHELL_LINE"] = call.Arguments,
        };
        var bundle = call.Workspace.BundleDirectory;
        var process = new ScriptProcess(Name, Path.GetRelativePath(bundle, script), bundle, environment);

        var limit = scripts.Value.Timeout;
        using var timeout = cancellation.CancelAfter(limit, new CancellationReason.TimeLimit(limit, ScriptOptions.TimeoutKey), time);
        return await runner.RunAsync(process, output, cancellation.Token);
    }

    private Task RefuseAsync(ToolCall call, Refusal refusal)
    {
        Log.Refused(logger, Caller.Of(call.Context), refusal.Kind, refusal.Detail);
        return call.FailAsync($"unexpected failure -> {refusal.Detail}");
    }

    private static partial class Log
    {
        // Without the line, as it may hold a secret.
        [LoggerMessage(1, LogLevel.Warning, "Refused a shell line for the tool's caller {Caller}, {Kind}: {Detail}")]
        public static partial void Refused(ILogger logger, string caller, string kind, string detail);
    }
}
