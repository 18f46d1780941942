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
    SubmitRun submit, RunAnswers answers, ILogger<RunTool> logger)
    : IPodTool
{
    // An exit code, 0 only if the run succeeded, and the log as the output.
    private static readonly JsonAnswer _form = new("stdout", (json, ended) => json.WriteNumber("code", ended.Failure is null ? 0 : 1));

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

        var request = new TrustedRunRequest(archive, arguments.Scripts, arguments.Variables) { Caller = Caller.Of(call.Context) };

        if ((await submit.ExecuteAsync(request, CancellationToken.None)).TryGet(out var submitted, out var refusal))
            refusal = await answers.SendAsync(call.Context, submitted, _form);

        if (refusal is null)
            return;

        Log.Refused(logger, request.Scripts.ToString(), request.Caller, refusal.Kind, refusal.Detail);
        await call.FailAsync($"unexpected failure -> invalid response (HTTP {RefusalStatus.StatusOf(refusal)}): {refusal.Detail}");
    }

    /// <summary>
    /// Where a file is that came along, by its name or as the original found it beside itself (<c>./x.tgz</c>); nothing else of the machine
    /// counts.
    /// </summary>
    private static string? Uploaded(string name, IWorkspace workspace) =>
        BundlePath.Normalize(name) is { Length: > 0 } path && !name.EndsWith('/')
            && Path.Join(workspace.BundleDirectory, path) is var file && File.Exists(file)
            ? file
            : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused the run of {Scripts} for the tool's caller {Caller}, {Kind}: {Detail}")]
        public static partial void Refused(ILogger logger, string scripts, string caller, string kind, string detail);

        // Without its words, as values of variables may be among them.
        [LoggerMessage(2, LogLevel.Warning, "Refused a run for the tool's caller {Caller}: its line is malformed")]
        public static partial void NotUnderstood(ILogger logger, string caller);
    }
}
