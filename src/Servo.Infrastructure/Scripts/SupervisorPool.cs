using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Servo.Application.Scripts;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Keeps supervisors for the next script, and the fork server that they come from, which it replaces in time.</summary>
internal sealed partial class SupervisorPool(
    ScriptOptions scripts, int maxConcurrent, RuntimeDirectory runtime, ScriptTelemetry telemetry, ILogger logger) : IAsyncDisposable
{
    /// <summary>A supervisor that somebody has tampered with retires; what tampers faster than this is a fault.</summary>
    public const int MaxTries = 5;

    private readonly ConcurrentQueue<SupervisorProcess> _idle = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly ForkServerStarter _starter = new(scripts, runtime, telemetry, logger);

    private ForkServer? _forkServer;
    private int _renewing;
    private int _adding;
    private bool _disposed;

    /// <summary>The variables that every script has.</summary>
    public IReadOnlyDictionary<string, string> Environment => _starter.Environment;

    /// <summary>Ends all supervisors with what they run.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;

        while (_idle.TryDequeue(out var supervisor))
            supervisor.Dispose();

        if (Interlocked.Exchange(ref _forkServer, null) is { } forkServer)
            await forkServer.DisposeAsync();
    }

    /// <summary>A supervisor that is free; give it back in any case.</summary>
    /// <exception cref="InterpreterException">None can be started.</exception>
    public async Task<SupervisorProcess> TakeAsync()
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

    /// <summary>Keeps it for the next script if it can be, and ends it if not. One more is kept than scripts run, as the one that has just run a script still prepares.</summary>
    public void GiveBack(SupervisorProcess supervisor)
    {
        if (supervisor.IsReusable && _idle.Count <= maxConcurrent)
            _idle.Enqueue(supervisor);
        else
            supervisor.Dispose();
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
