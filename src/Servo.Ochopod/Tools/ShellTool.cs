using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.AspNetCore.Answers;

namespace Servo.Ochopod.Tools;

/// <summary>
/// <c>shell LINE</c>: runs a line by <c>sh</c> among the uploaded files, without its standard error. Only there where the operator allows it: whoever
/// reaches the control endpoint may then run anything as the gateway's user.
/// </summary>
internal sealed class ShellTool(IScriptRunner runner, RunDrain drain, OutputSpools spools, PendingAnswers pending, IOptions<ServoOptions> options, TimeProvider time) : IPodTool
{
    private const string Script = ".servo-shell.py";

    // The runner ends what a script leaves behind, and knows Python only, so the script becomes the shell. The line comes by the environment: it is nobody's code here.
    private const string Source = """
        import os
        line = os.environ.pop('SERVO_SHELL_LINE')
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execv('/bin/sh', ['sh', '-c', line])
        """;

    public string Name => "shell";

    public async Task RunAsync(ToolCall call)
    {
        await File.WriteAllTextAsync(Path.Join(call.Workspace.ScratchDirectory, Script), Source, new UTF8Encoding(false), call.Context.RequestAborted);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = call.Workspace.HomeDirectory,
            ["TMPDIR"] = call.Workspace.TemporaryDirectory,
            ["SERVO_SHELL_LINE"] = call.Arguments,
        };
        var process = new ScriptProcess(Name, Path.GetRelativePath(call.Workspace.BundleDirectory, Path.Join(call.Workspace.ScratchDirectory, Script)), call.Workspace.BundleDirectory, environment);

        using var limit = new CancellationTokenSource(options.Value.Scripts.Timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, drain.Ending, call.Context.RequestAborted);
        await using var answer = new ShellAnswer(call.Context, options.Value, spools.Create()) { Pending = pending };
        await answer.StartedAsync(Name);
        answer.Exit = await runner.RunAsync(process, answer, end.Token);
        await answer.CompleteAsync(new RunReport(Name, Failure: null));
    }

    private sealed class ShellAnswer(HttpContext context, ServoOptions options, OutputSpool log) : JsonAnswer(context, options, log)
    {
        public ScriptExit Exit { get; set; }

        protected override string LogName => "stdout";

        protected override void WriteHead(Utf8JsonWriter json, RunReport report) => json.WriteNumber("code", Exit.Code);
    }
}
