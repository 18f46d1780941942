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
    IOptions<ScriptOptions> scripts,
    IOptions<AdmissionOptions> runs,
    RuntimeDirectory runtime,
    ScriptTelemetry telemetry,
    ILogger<SupervisedScriptRunner> logger)
    : IScriptRunner, IDisposable, IAsyncDisposable
{
    // A supervisor that somebody has tampered with retires; what tampers faster than this is a fault.
    private const int MaxTries = 5;

    private const string NoParent = "no parent";

    private readonly ConcurrentStack<SupervisorProcess> _idle = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Dictionary<string, string> _base = new(ForkServerStart.BaseEnvironment, StringComparer.Ordinal)
    {
        ["PYTHONUNBUFFERED"] = "1",
        ["PYTHONPATH"] = runtime.Python,
    };

    private ForkServer? _forkServer;
    private string? _whyCold = scripts.Value.Warm ? null : "switched off";
    private int _renewing;
    private bool _disposed;

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
        _disposed = true;

        while (_idle.TryPop(out var supervisor))
            supervisor.Dispose();

        if (Interlocked.Exchange(ref _forkServer, null) is { } forkServer)
            await forkServer.DisposeAsync();

        await Processes.Subreaper.EndStraysAsync();
    }

    private async Task<SupervisorProcess> TakeAsync(CancellationToken cancellationToken)
    {
        LookAfterForkServer();

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
        if (supervisor.IsReusable && _idle.Count < runs.Value.MaxConcurrent)
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

            return Replace(await StartForkServerAsync(cancellationToken));
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Retires a fork server whose interpreter is no longer what it was, and has another one started beside one that is worn.</summary>
    private void LookAfterForkServer()
    {
        if (_forkServer is not { IsUsable: true } running)
            return;

        if (running.Changed is { } path)
        {
            Log.Changed(logger, path);
            running.Retire();
        }
        else if (running.IsWorn && Interlocked.Exchange(ref _renewing, 1) == 0)
        {
            _ = RenewAsync();
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            var next = await StartForkServerAsync(CancellationToken.None);
            await _starting.WaitAsync();

            try
            {
                if (_disposed)
                    await next.DisposeAsync();
                else
                    Replace(next);
            }
            finally
            {
                _starting.Release();
            }
        }
        catch (InterpreterException e)
        {
            // The one that runs goes on; the next script tries again.
            Log.NotRenewed(logger, e);
        }
        finally
        {
            Volatile.Write(ref _renewing, 0);
        }
    }

    private ForkServer Replace(ForkServer next)
    {
        _forkServer?.Retire();
        _forkServer = next;
        DropUnusable();
        telemetry.Memory = () => _forkServer?.Memory ?? 0;
        return next;
    }

    /// <summary>Starts a warm one where that is possible; where only a cold one can be had, no further one is tried warm.</summary>
    private async Task<ForkServer> StartForkServerAsync(CancellationToken cancellationToken)
    {
        InterpreterException? failure = null;

        if (_whyCold is null)
        {
            try
            {
                return Told(await StartWarmAsync(cancellationToken), isWarm: true);
            }
            catch (InterpreterException e)
            {
                failure = e;
            }
        }

        var forkServer = await ForkServer.StartAsync(
            Locate(), ForkServerStart.Cold(runtime.ForkServer, _whyCold ?? NoParent, telemetry), cancellationToken);

        if (failure is not null)
        {
            _whyCold = NoParent;
            Log.Cold(logger, failure.Message);
        }

        return Told(forkServer, isWarm: false);
    }

    private async Task<ForkServer> StartWarmAsync(CancellationToken cancellationToken)
    {
        var python = Locate();
        var start = ForkServerStart.Warm(runtime.WarmForkServer, runtime.WarmOutput, scripts.Value.Preload, _base, telemetry);
        var forkServer = await ForkServer.StartAsync(python, start, cancellationToken);

        if (forkServer.Executable == python)
            return forkServer;

        // A launcher may have changed the environment, which its scripts would inherit: the interpreter behind it is started by itself.
        await forkServer.DisposeAsync();
        return await ForkServer.StartAsync(forkServer.Executable, start, cancellationToken);
    }

    private ForkServer Told(ForkServer forkServer, bool isWarm)
    {
        if (isWarm)
            Log.StartedWarm(logger, forkServer.Executable, forkServer.Version, forkServer.Memory / 1024);
        else
            Log.Started(logger, forkServer.Executable, forkServer.Version);

        if (forkServer.ChangedNice is { } nice)
            Log.NiceChanged(logger, nice);

        return forkServer;
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

        [LoggerMessage(4, LogLevel.Information, "Scripts run with {Executable} (Python {Version}), forked from an interpreter of {Memory} KiB")]
        public static partial void StartedWarm(ILogger logger, string executable, string version, long memory);

        [LoggerMessage(5, LogLevel.Warning, "Scripts are started cold until the gateway is restarted: {Reason}")]
        public static partial void Cold(ILogger logger, string reason);

        [LoggerMessage(6, LogLevel.Information, "{Path} has changed: the interpreter that scripts are forked from is replaced")]
        public static partial void Changed(ILogger logger, string path);

        [LoggerMessage(7, LogLevel.Warning, "The interpreter that scripts are forked from could not be renewed; it goes on")]
        public static partial void NotRenewed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Somebody has lowered the gateway's priority: scripts run with nice {Nice} now. Restart the gateway")]
        public static partial void NiceChanged(ILogger logger, int nice);

        [LoggerMessage(2, LogLevel.Warning, "The process that supervises scripts has ended or does not answer; it is replaced")]
        public static partial void ForkServerEnded(ILogger logger, Exception exception);
    }
}
