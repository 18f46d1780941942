using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Workspaces;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.Ochopod.Tools;

/// <summary>
/// <c>run TGZ SCRIPT... [-v NAME:VALUE ...]</c>: runs scripts of an uploaded archive, just as <c>POST /run</c> does. It needs no signature:
/// whoever reaches the control endpoint can read the token.
/// </summary>
internal sealed partial class RunTool(
    ScriptRun run, RunDrain drain, OutputSpools spools, PendingAnswers pending, IOptions<OutputOptions> options, ILogger<RunTool> logger)
    : IPodTool
{
    public string Name => "run";

    public async Task RunAsync(ToolCall call)
    {
        if (!RunToolArguments.Parse(call.Arguments).TryGet(out var arguments, out var wrong))
        {
            Log.NotUnderstood(logger, Caller.Of(call.Context));
            await call.FailAsync(wrong.Detail + '\n');
            return;
        }

        if (Uploaded(arguments.Archive, call.Workspace) is not { } archive)
        {
            await call.FailAsync($"unexpected failure -> failed to sign the archive ('{arguments.Archive}' was not uploaded)");
            return;
        }

        await using var answer = new ToolAnswer(call.Context, options.Value, spools.Create()) { Pending = pending };
        var request = new TrustedRunRequest(archive, arguments.Scripts, arguments.Variables) { Caller = Caller.Of(call.Context) };
        var result = await run.ExecuteAsync(request, answer, drain.Ending);

        if (result.TryGet(out var report, out var rejection))
        {
            await answer.CompleteAsync(report);
            return;
        }

        Log.Refused(logger, request.Scripts.ToString(), request.Caller, rejection.Kind, rejection.Detail);
        await call.FailAsync($"unexpected failure -> invalid response (HTTP {RejectionResults.StatusOf(rejection)}): {rejection.Detail}");
    }

    /// <summary>Where a file is that came along, by its name or as the original found it beside itself (<c>./x.tgz</c>); nothing else of the machine counts.</summary>
    private static string? Uploaded(string name, IWorkspace workspace) =>
        BundlePath.Normalize(name) is { Length: > 0 } path && !name.EndsWith('/') && Path.Join(workspace.BundleDirectory, path) is var file && File.Exists(file) ? file : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused the run of {Scripts} for the tool's caller {Caller}, {Kind}: {Detail}")]
        public static partial void Refused(ILogger logger, string scripts, string caller, string kind, string detail);

        // Without its words, as values of variables may be among them.
        [LoggerMessage(2, LogLevel.Warning, "Refused a run for the tool's caller {Caller}: its line is malformed")]
        public static partial void NotUnderstood(ILogger logger, string caller);
    }
}
