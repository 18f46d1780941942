using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Runs scripts under supervisors that are kept for the next script, so that no run waits for one to start.</summary>
internal sealed partial class SupervisedScriptRunner(
    IOptions<ScriptOptions> scripts,
    IOptions<AdmissionOptions> runs,
    RuntimeDirectory runtime,
    IEnumerable<HiddenPlace> hidden,
    ScriptTelemetry telemetry,
    ILogger<SupervisedScriptRunner> logger,
    RunUsers? users = null)
    : IScriptRunner, IDisposable, IAsyncDisposable
{
    // A supervisor that somebody has tampered with retires; what tampers faster than this is a fault.
    private const int MaxTries = 5;

    private readonly ConcurrentQueue<SupervisorProcess> _idle = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly ForkServerStarter _starter = new(scripts.Value, runtime, telemetry, logger);
    private readonly ScriptConfinement _confinement = new(scripts.Value, runtime, hidden, telemetry, logger);
    private readonly ReachedLimits _limits = new(ScriptLimit.Of(scripts.Value));

    private ForkServer? _forkServer;
    private int _renewing;
    private int _adding;
    private bool _disposed;

    /// <summary>What is out of the scripts' reach, and by what.</summary>
    public string Sandbox => _confinement.Description;

    /// <summary>
    /// Makes sure that a supervisor is ready for the next script; returns the real path of the configured Python. The start of an interpreter goes on to
    /// its own limit whoever waits for it: one that is slower than a probe would else never be ready.
    /// </summary>
    /// <exception cref="InterpreterException">It is missing or does not work, or another interpreter is missing.</exception>
    public async Task<string> WarmUpAsync()
    {
        foreach (var other in scripts.Value.Interpreters.Values)
            Programs.Locate(other);

        GiveBack(await TakeAsync());
        return _forkServer!.Executable;
    }

    public async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var interpreter = script.Interpreter is { } named ? Programs.Locate(named) : null;
        var environment = new Dictionary<string, string>(_starter.Environment, StringComparer.Ordinal);

        foreach (var (name, value) in script.Environment)
            environment[name] = value;

        var tail = new OutputTail(output);
        var user = users?.Give(script.WorkingDirectory);
        var workspace = runtime.WorkspaceOf(script.WorkingDirectory) ?? script.WorkingDirectory;
        await using var watch = _limits.OfWorkspace is { } most ? new WorkspaceWatch(most.Value, workspace, cancellationToken) : null;
        var end = watch?.Token ?? cancellationToken;

        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var supervisor = await TakeAsync();

            try
            {
                string[] interpreters = [supervisor.Executable, interpreter ?? supervisor.Executable];
                using var sandbox = _confinement.Make(script.WorkingDirectory, interpreters);

                if (await supervisor.RunAsync(script, interpreter, environment, _limits.Numbers, user, sandbox, tail, end) is not { } exit)
                    continue;

                if (exit.Interrupted && !cancellationToken.IsCancellationRequested)
                    return exit with { Interrupted = false, Reached = _limits.OfWorkspace };

                return exit.Code == 0 || exit.Interrupted ? exit : exit with
                {
                    Denied = _confinement.Explain(tail, script.WorkingDirectory, interpreters),
                    Reached = _limits.Of(exit, tail),
                };
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

        while (_idle.TryDequeue(out var supervisor))
            supervisor.Dispose();

        if (Interlocked.Exchange(ref _forkServer, null) is { } forkServer)
            await forkServer.DisposeAsync();

        _confinement.Dispose();
        await Processes.Subreaper.EndStraysAsync();
    }

    private async Task<SupervisorProcess> TakeAsync()
    {
        LookAfterForkServer();

        while (_idle.TryDequeue(out var idle))
        {
            if (idle.IsUsable)
            {
                KeepOneMore();
                return idle;
            }

            idle.Dispose();
        }

        return await ForkAsync();
    }

    private async Task<SupervisorProcess> ForkAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await (await UseForkServerAsync()).ForkAsync();
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

    /// <summary>Has another supervisor forked where the last idle one was taken: the one that has just run a script still prepares for its next.</summary>
    private void KeepOneMore()
    {
        if (_idle.IsEmpty && _forkServer is { IsWarm: true } && Interlocked.Exchange(ref _adding, 1) == 0)
            _ = AddAsync();
    }

    private async Task AddAsync()
    {
        try
        {
            GiveBack(await ForkAsync());
        }
        catch (InterpreterException e)
        {
            Log.NotAdded(logger, e);
        }
        finally
        {
            Volatile.Write(ref _adding, 0);
        }
    }

    private void GiveBack(SupervisorProcess supervisor)
    {
        if (supervisor.IsReusable && _idle.Count <= runs.Value.MaxConcurrent)
            _idle.Enqueue(supervisor);
        else
            supervisor.Dispose();
    }

    /// <summary>Ends the idle supervisors of a fork server that is gone.</summary>
    private void DropUnusable()
    {
        var idle = new List<SupervisorProcess>();

        while (_idle.TryDequeue(out var supervisor))
            idle.Add(supervisor);

        idle.ForEach(GiveBack);
    }

    /// <summary>The fork server, a new one where there is none that works or its interpreter is no longer there.</summary>
    private async Task<ForkServer> UseForkServerAsync()
    {
        await _starting.WaitAsync();

        try
        {
            if (_forkServer is { IsUsable: true } running && File.Exists(running.Executable))
                return running;

            var next = await _starter.StartAsync();

            if (!_disposed)
                return Replace(next);

            await next.DisposeAsync();
            throw new InterpreterException("The gateway is stopping.");
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
            var next = await _starter.StartAsync();
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

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Information, "{Path} has changed: the interpreter that scripts are forked from is replaced")]
        public static partial void Changed(ILogger logger, string path);

        [LoggerMessage(7, LogLevel.Warning, "The interpreter that scripts are forked from could not be renewed; it goes on")]
        public static partial void NotRenewed(ILogger logger, Exception exception);

        [LoggerMessage(8, LogLevel.Warning, "No process could be started for the next script; it is tried again when that comes")]
        public static partial void NotAdded(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The process that supervises scripts has ended or does not answer; it is replaced")]
        public static partial void ForkServerEnded(ILogger logger, Exception exception);
    }
}
