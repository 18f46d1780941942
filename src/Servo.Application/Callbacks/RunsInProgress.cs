using System.Collections.Concurrent;
using Servo.Application.Workspaces;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Callbacks;

/// <summary>Finds runs in progress by their tokens.</summary>
public sealed class RunsInProgress(ICallbackFiles files)
{
    private readonly ConcurrentDictionary<string, RunInProgress> _byToken = new(StringComparer.Ordinal);

    /// <summary>The run that the callback token reaches, or <see langword="null"/> once it has ended.</summary>
    public RunInProgress? ByCallbackToken(string token) => _byToken.GetValueOrDefault(token) is { } run && run.CallbackToken == token ? run : null;

    /// <summary>The run that the portal token reaches, or <see langword="null"/> once it has ended.</summary>
    public RunInProgress? ByPortalToken(string token) => _byToken.GetValueOrDefault(token) is { } run && run.PortalToken == token ? run : null;

    internal RunInProgress Begin(RunId id, IWorkspace workspace, ScriptList scripts)
    {
        var run = new RunInProgress(id, workspace, new RunCallbacks(workspace.BundleDirectory, scripts, files), Forget);
        _byToken[run.CallbackToken] = run;
        _byToken[run.PortalToken] = run;
        return run;
    }

    private void Forget(RunInProgress run)
    {
        _byToken.TryRemove(run.CallbackToken, out _);
        _byToken.TryRemove(run.PortalToken, out _);
    }
}
