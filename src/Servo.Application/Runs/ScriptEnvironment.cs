using Servo.Application.Callbacks;
using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>What a run's scripts find in their environment beside what the interpreter needs.</summary>
internal sealed class ScriptEnvironment(ICallbackAddress callbacks, IPortalSocket portal)
{
    /// <summary>The caller's variables and CALLBACK: what the log shows.</summary>
    public IReadOnlyDictionary<string, string> Shown(RunVariables variables, RunInProgress run)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);

        foreach (var (name, value) in variables)
            shown[name] = value;

        if (callbacks.For(run.CallbackToken) is { } address)
            shown["CALLBACK"] = address;

        return shown;
    }

    /// <summary>All of it, with what the <c>servo</c> package needs to reach the portal.</summary>
    public IReadOnlyDictionary<string, string> Complete(IReadOnlyDictionary<string, string> shown, RunInProgress run)
    {
        var complete = new Dictionary<string, string>(shown, StringComparer.Ordinal)
        {
            ["HOME"] = run.Workspace.HomeDirectory,
            // What scripts leave in their temporary directory may be a secret, and goes with the run.
            ["TMPDIR"] = run.Workspace.TemporaryDirectory,
        };

        if (portal.Path is { } path)
        {
            complete["SERVO_PORTAL_SOCKET"] = path;
            complete["SERVO_RUN_TOKEN"] = run.PortalToken;
        }

        return complete;
    }
}
