using Servo.Application.Callbacks;
using Servo.Application.Portal;
using Servo.Application.Scripts;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>The environment of a run's scripts, beside what the interpreter needs.</summary>
public sealed class ScriptEnvironment(ICallbackAddress callbacks, IPortalSocket portal, ScriptVariables operators)
{
    /// <summary>
    /// The variables that the run's log shows: the caller's and CALLBACK. Those that the operator gives every script may be secrets.
    /// </summary>
    public IReadOnlyDictionary<string, string> LoggedVariables(RunVariables variables, RunInProgress run)
    {
        var logged = new SortedDictionary<string, string>(StringComparer.Ordinal);

        // A kept run may be older than the settings: what the operator gives counts.
        foreach (var (name, value) in variables.Where(variable => !operators.Values.ContainsKey(variable.Key)))
            logged[name] = value;

        if (callbacks.For(run.CallbackToken) is { } address)
            logged["CALLBACK"] = address;

        return logged;
    }

    /// <summary>
    /// The environment of the scripts' processes: the logged variables, the operator's, their directories, and what the
    /// <c>servo</c> package needs to reach the portal.
    /// </summary>
    public IReadOnlyDictionary<string, string> ProcessEnvironment(IReadOnlyDictionary<string, string> logged, RunInProgress run)
    {
        var environment = new Dictionary<string, string>([.. logged, .. operators.Values], StringComparer.Ordinal)
        {
            ["HOME"] = run.Workspace.HomeDirectory,
            // What scripts leave in their temporary directory may be a secret, and goes with the run.
            ["TMPDIR"] = run.Workspace.TemporaryDirectory,
        };

        if (portal.Path is { } path)
        {
            environment["SERVO_PORTAL_SOCKET"] = path;
            environment["SERVO_RUN_TOKEN"] = run.PortalToken;
        }

        return environment;
    }
}
