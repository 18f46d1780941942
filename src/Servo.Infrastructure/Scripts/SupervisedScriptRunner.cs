using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Cgroups;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Runs scripts under supervisors that are kept for the next script, so that no run waits for one to start.</summary>
internal sealed class SupervisedScriptRunner(
    IOptions<ScriptOptions> scripts,
    IOptions<AdmissionOptions> runs,
    RuntimeDirectory runtime,
    IEnumerable<HiddenPlace> hidden,
    ScriptTelemetry telemetry,
    ILogger<SupervisedScriptRunner> logger,
    RunUsers? users = null,
    RunCgroups? cgroups = null)
    : IScriptRunner, IDisposable, IAsyncDisposable
{
    // What a shell says of a command that it could not execute.
    private const int NotStarted = 126;

    private readonly SupervisorPool _supervisors = new(scripts.Value, runs.Value.MaxConcurrent, runtime, telemetry, logger);
    private readonly ScriptConfinement _confinement = new(scripts.Value, runtime, hidden.Concat(cgroups?.Places ?? []), telemetry, logger);
    private readonly ReachedLimits _limits = new(ScriptLimit.Of(scripts.Value), hasCgroups: scripts.Value.Cgroup is not null);

    /// <summary>What is out of the scripts' reach, and by what.</summary>
    public string Confinement => _confinement.Description;

    /// <summary>
    /// Makes sure that a supervisor is ready for the next script; returns the real path of the configured Python. The start of an interpreter goes on to
    /// its own limit whoever waits for it: one that is slower than a probe would else never be ready.
    /// </summary>
    /// <exception cref="InterpreterException">It is missing or does not work, another interpreter is missing, or no cgroup can be made.</exception>
    public async Task<string> WarmUpAsync()
    {
        foreach (var other in scripts.Value.Interpreters.Values)
            Programs.Locate(other);

        cgroups?.Probe();

        var supervisor = await _supervisors.TakeAsync();
        _supervisors.GiveBack(supervisor);
        return supervisor.Executable;
    }

    public async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var interpreter = script.Interpreter is { } named ? Programs.Locate(named) : null;
        var environment = new Dictionary<string, string>(_supervisors.Environment, StringComparer.Ordinal);

        foreach (var (name, value) in script.Environment)
            environment[name] = value;

        var tail = new OutputTail(output);
        var user = users?.Give(script.WorkingDirectory);

        if (_limits.OfWorkspace is not { } most)
            return await RunAsync(script, interpreter, environment, user, tail, cancellationToken);

        await using var watch = new WorkspaceWatch(most.Value, runtime.WorkspaceOf(script.WorkingDirectory) ?? script.WorkingDirectory);

        if (await watch.IsTooMuchAsync(cancellationToken))
            return new ScriptExit(NotStarted, Interrupted: false, Reached: most);

        using var end = watch.Begin(cancellationToken);
        var exit = await RunAsync(script, interpreter, environment, user, tail, end.Token);

        if (exit.Interrupted && cancellationToken.IsCancellationRequested)
            return exit;

        return exit.Interrupted || await watch.IsTooMuchAsync(cancellationToken) ? exit with { Interrupted = false, Reached = most } : exit;
    }

    private async Task<ScriptExit> RunAsync(
        ScriptProcess script,
        string? interpreter,
        Dictionary<string, string> environment,
        uint? user,
        OutputTail tail,
        CancellationToken cancellationToken)
    {
        using var cgroup = cgroups?.Take(script.WorkingDirectory);
        cgroup?.Begin();

        for (var attempt = 0; attempt < SupervisorPool.MaxTries; attempt++)
        {
            var supervisor = await _supervisors.TakeAsync();

            try
            {
                string[] interpreters = [supervisor.Executable, interpreter ?? supervisor.Executable];
                using var sandbox = Sandbox.In(cgroup?.Entrance, _confinement.Make(script.WorkingDirectory, interpreters));

                if (await supervisor.RunAsync(script, interpreter, environment, _limits.Numbers, user, sandbox, tail, cancellationToken) is not { } exit)
                    continue;

                return exit.Code == 0 || exit.Interrupted ? exit : exit with
                {
                    Denied = _confinement.Explain(tail, script.WorkingDirectory, interpreters),
                    Reached = _limits.Of(exit, tail, cgroup),
                };
            }
            finally
            {
                _supervisors.GiveBack(supervisor);
            }
        }

        throw new InterpreterException("Every supervisor was ended before it could start the script.");
    }

    /// <inheritdoc/>
    public void Dispose() => _ = DisposeAsync().AsTask();

    /// <summary>Ends all supervisors with what they run.</summary>
    public async ValueTask DisposeAsync()
    {
        await _supervisors.DisposeAsync();
        _confinement.Dispose();
        await Processes.Subreaper.EndStraysAsync();
    }
}
