using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Runs scripts under supervisors that are kept for the next script, so that no run waits for one to start.</summary>
internal sealed partial class SupervisedScriptRunner(
    IOptions<ScriptOptions> scripts, IOptions<AdmissionOptions> runs, RuntimeDirectory runtime, ILogger<SupervisedScriptRunner> logger)
    : IScriptRunner, IDisposable, IAsyncDisposable
{
    // A supervisor that somebody has tampered with retires; what tampers faster than this is a fault.
    private const int MaxTries = 5;

    private readonly ConcurrentStack<SupervisorProcess> _idle = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Dictionary<string, string> _base = new(ForkServer.SupervisorEnvironment, StringComparer.Ordinal)
    {
        ["PYTHONUNBUFFERED"] = "1",
        ["PYTHONPATH"] = runtime.Python,
    };

    private ForkServer? _forkServer;

    /// <summary>Makes sure that a supervisor is ready for the next script; returns the real path of the configured Python.</summary>
    /// <exception cref="InterpreterException">It is missing or does not work, or another interpreter is missing.</exception>
    public async Task<string> WarmUpAsync(CancellationToken cancellationToken)
    {
        foreach (var other in scripts.Value.Interpreters.Values)
            Programs.Locate(other);

        GiveBack(await TakeAsync(cancellationToken));
        return _forkServer!.Executable;
    }

    public async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var interpreter = script.Interpreter is { } named ? Programs.Locate(named) : null;
        var environment = new Dictionary<string, string>(_base, StringComparer.Ordinal);

        foreach (var (name, value) in script.Environment)
            environment[name] = value;

        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var supervisor = await TakeAsync(CancellationToken.None);

            try
            {
                if (await supervisor.RunAsync(script, interpreter, environment, output, cancellationToken) is { } exit)
                    return exit;
            }
            finally
            {
                GiveBack(supervisor);
            }
        }

        throw new InterpreterException("Every supervisor was ended before it could start the script.");
    }

    /// <inheritdoc/>
    public void Dispose() => _ = DisposeAsync().AsTask();

    /// <summary>Ends all supervisors with what they run.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_idle.TryPop(out var supervisor))
            supervisor.Dispose();

        if (Interlocked.Exchange(ref _forkServer, null) is { } forkServer)
            await forkServer.DisposeAsync();

        await Processes.Subreaper.EndStraysAsync();
    }

    private async Task<SupervisorProcess> TakeAsync(CancellationToken cancellationToken)
    {
        while (_idle.TryPop(out var idle))
        {
            if (idle.IsUsable)
                return idle;

            idle.Dispose();
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await (await UseForkServerAsync(cancellationToken)).ForkAsync();
            }
            catch (IOException e) when (attempt < MaxTries)
            {
                Log.ForkServerEnded(logger, e);
            }
            catch (IOException e)
            {
                throw new InterpreterException($"No process can be started for scripts: {e.Message}", e);
            }
        }
    }

    private void GiveBack(SupervisorProcess supervisor)
    {
        if (supervisor.IsUsable && _idle.Count < runs.Value.MaxConcurrent)
            _idle.Push(supervisor);
        else
            supervisor.Dispose();
    }

    /// <summary>Ends the idle supervisors of a fork server that is gone.</summary>
    private void DropUnusable()
    {
        var idle = new List<SupervisorProcess>();

        while (_idle.TryPop(out var supervisor))
            idle.Add(supervisor);

        idle.ForEach(GiveBack);
    }

    /// <summary>The fork server, a new one where there is none that works or its interpreter is no longer there.</summary>
    private async Task<ForkServer> UseForkServerAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken);

        try
        {
            if (_forkServer is { IsUsable: true } running && File.Exists(running.Executable))
                return running;

            _forkServer?.Retire();
            DropUnusable();
            _forkServer = await ForkServer.StartAsync(Locate(), runtime.ForkServer, cancellationToken);
            Log.Started(logger, _forkServer.Executable, _forkServer.Version);

            if (_forkServer.ChangedNice is { } nice)
                Log.NiceChanged(logger, nice);

            return _forkServer;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The configured Python's path: a plain name is looked up in PATH, as a shell would.</summary>
    private string Locate()
    {
        var python = scripts.Value.Python;

        if (python.Contains('/'))
            return Path.GetFullPath(python);

        return Programs.Find(python)
            ?? throw new InterpreterException($"There is no interpreter '{python}' in PATH. Install it, or set {ScriptOptions.PythonKey}.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Scripts run with {Executable} (Python {Version})")]
        public static partial void Started(ILogger logger, string executable, string version);

        [LoggerMessage(3, LogLevel.Warning, "Somebody has lowered the gateway's priority: scripts run with nice {Nice} now. Restart the gateway")]
        public static partial void NiceChanged(ILogger logger, int nice);

        [LoggerMessage(2, LogLevel.Warning, "The process that supervises scripts has ended or does not answer; it is replaced")]
        public static partial void ForkServerEnded(ILogger logger, Exception exception);
    }
}
