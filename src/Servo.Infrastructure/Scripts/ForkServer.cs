using System.IO.Pipes;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// A running interpreter that forks supervisors, and that ends what a supervisor
/// leaves behind which was ended from outside (supervision/forkserver.py).
/// </summary>
internal sealed class ForkServer : IAsyncDisposable
{
    // An interpreter starts in a tenth of a second; a machine that builds and tests beside it has taken more than ten.
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _forkLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(10);

    // Another one takes a quarter of a second of the processor, beside the scripts of the one before: 0.3 ms for each of these.
    private const int MaxScripts = 1000;
    private static readonly TimeSpan _maxAge = TimeSpan.FromHours(1);

    // A script may bind this process's threads, which its fork servers are children of, to other processors, or lower their priority. Not every kernel tells: gVisor's
    // does not.
    private static readonly string _processors = File.ReadLines("/proc/self/status")
        .FirstOrDefault(line => line.StartsWith("Cpus_allowed:", StringComparison.Ordinal))
        ?.Split('\t')[1] ?? "";

    private static readonly int? _nice = ProcessTable.Nice(Environment.ProcessId);

    private readonly SpawnedProcess _process;
    private readonly ControlSocket _control;
    private readonly ForkServerStart _start;
    private readonly WatchedFiles _watched;
    private readonly long _startedAt = Environment.TickCount64;
    private readonly Task _end;
    private int _supervisors = 1; // itself, until it retires
    private int _scripts;
    private int _retired;

    private ForkServer(SpawnedProcess process, ControlSocket control, ForkServerStart start, ForkServerReady ready)
    {
        (_process, _control, _start) = (process, control, start);
        (Executable, Version) = (ready.Executable, ready.Version);
        _watched = new WatchedFiles(ready.Folders ?? [], ready.Files ?? []);
        _end = WatchAsync();
    }

    /// <summary>
    /// The interpreter's real path (<c>sys.executable</c>), to start scripts with:
    /// a launcher that was configured costs several times the script's own start.
    /// </summary>
    public string Executable { get; }

    /// <summary>The interpreter's version, such as 3.11.2.</summary>
    public string Version { get; }

    /// <summary>The nice value that scripts get instead of that which the host was started with; <see langword="null"/> where it is the same.</summary>
    public int? ChangedNice => ProcessTable.Nice(_process.Id) is { } nice && nice != _nice ? nice : null;

    /// <summary>Its resident memory in bytes; 0 where it has ended.</summary>
    public long Memory => ProcessTable.Memory(_process.Id);

    /// <summary>Whether it forks scripts as well as supervisors.</summary>
    public bool IsWarm => _start.IsWarm;

    /// <summary>
    /// Whether it is time for another one: what scripts inherit from it, the seed of their hashes above all, is not to be the same for ever.
    /// </summary>
    public bool IsWorn => IsWarm && (_scripts >= MaxScripts || Environment.TickCount64 - _startedAt >= _maxAge.TotalMilliseconds);

    /// <summary>What of the interpreter has changed since it was started, as a path; <see langword="null"/> where nothing has.</summary>
    public string? Changed => _watched.Changed();

    /// <summary>Whether it can fork another supervisor.</summary>
    public bool IsUsable => _retired == 0 && !_end.IsCompleted;

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <exception cref="InterpreterException">The interpreter is missing or does not work.</exception>
    public static async Task<ForkServer> StartAsync(string python, ForkServerStart start)
    {
        SpawnedProcess? process = null;
        ControlSocket? control = null;
        using var limit = new CancellationTokenSource(_startLimit);

        try
        {
            control = ControlSocket.Connect(there =>
                process = SpawnedProcess.Start(python, start.Arguments(_processors), start.Environment, there, start.Output));
            var ready = await control.ReadAsync(SupervisorJson.Default.ForkServerReady, limit.Token)
                ?? throw new InterpreterException(
                    $"The interpreter '{python}' does not work: {await ReasonAsync(process!, start, limit.Token)}. Set {ScriptOptions.PythonKey}.");

            if (ready.Cold is { } reason)
                throw new InterpreterException(reason);

            return new ForkServer(process!, control, start, ready.Executable is { Length: > 0 } ? ready : ready with { Executable = python });
        }
        catch (Exception e)
        {
            control?.Dispose();
            process?.Kill();
            _ = process?.ExitAsync();

            throw e switch
            {
                IOException => new InterpreterException($"The interpreter {e.Message}. Set {ScriptOptions.PythonKey}.", e),
                OperationCanceledException =>
                    new InterpreterException(
                        $"The interpreter '{python}' did not start within {_startLimit.TotalSeconds:0} seconds. Set {ScriptOptions.PythonKey}.", e),
                System.Text.Json.JsonException => new InterpreterException(
                    $"The interpreter '{python}' does not work: it does not answer as Python does. Set {ScriptOptions.PythonKey}.", e),
                _ => e,
            };
        }
    }

    /// <summary>Forks a supervisor and waits until it is ready.</summary>
    /// <exception cref="IOException">This fork server has ended or does not answer; a new one is needed.</exception>
    public async Task<SupervisorProcess> ForkAsync()
    {
        ControlSocket? connection = null;

        try
        {
            using var limit = new CancellationTokenSource(_forkLimit);
            connection = ControlSocket.Connect(there => _control.Send((byte)'f', there));

            var answer = connection.ReadAsync(SupervisorJson.Default.SupervisorReady, limit.Token).AsTask();

            if (await ProcessTable.KeepAwakeAsync(_process.Id, answer) is not { } ready)
                throw new IOException("The fork server has ended.");

            if (!ready.Retired)
            {
                Interlocked.Increment(ref _supervisors);
                return new SupervisorProcess(ready.Pid, connection, this);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            connection?.Dispose();
            _process.Kill();
            await _end;
            throw e as IOException ?? new IOException("The fork server does not answer.", e);
        }

        connection.Dispose();
        Retire();
        throw new IOException("Somebody has changed the limits or priorities of the fork server.");
    }

    /// <summary>Counts the start of a script, and why it was cold where this is warm.</summary>
    public void CountStart(string? reason)
    {
        Interlocked.Increment(ref _scripts);
        _start.Count(reason);
    }

    /// <summary>Makes it fork no more; it ends with the last supervisor that it has forked.</summary>
    public void Retire()
    {
        if (Interlocked.Exchange(ref _retired, 1) == 0)
            Release();
    }

    /// <summary>Says that one of its supervisors is no longer needed.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _supervisors) == 0)
            _ = DisposeAsync().AsTask();
    }

    /// <summary>
    /// Kills a supervisor and all that it has started, whatever state they
    /// are in; <see langword="false"/> where something could not be ended.
    /// </summary>
    public async Task<bool> EndAsync(int supervisor)
    {
        if (await AskToEndAsync(supervisor) is { } ended)
            return ended;

        // It does not answer, or was ended as well: what was below it is this process's own now.
        _process.Kill();
        await _end;
        _ = Libc.kill(supervisor, Libc.Kill);
        Subreaper.SpareNoLonger(supervisor);
        return await Subreaper.EndStraysAsync();
    }

    /// <summary>Ends it with all that it has forked: what does not end by itself in time is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await Task.WhenAny(_end, Task.Delay(_endLimit));
        _process.Kill();
        await _end;
    }

    /// <summary>Whether all has ended; <see langword="null"/> where the fork server does not answer.</summary>
    private async Task<bool?> AskToEndAsync(int supervisor)
    {
        if (_end.IsCompleted)
            return null;

        var (read, write) = Libc.Pipe();
        await using var pipe = new AnonymousPipeClientStream(PipeDirection.In, new SafePipeHandle(read, ownsHandle: true));

        try
        {
            _control.Send((byte)'k', write, Encoding.ASCII.GetBytes($"{supervisor}\n"));
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            Libc.close(write);
        }

        try
        {
            using var limit = new CancellationTokenSource(_endLimit);
            var answer = new byte[1];
            return await ProcessTable.KeepAwakeAsync(_process.Id, pipe.ReadAsync(answer, limit.Token).AsTask()) == 1 ? answer[0] == (byte)'.' : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            // It has nothing more to say, so this returns when it ends.
            await _control.ReadAsync(SupervisorJson.Default.ForkServerReady, CancellationToken.None);
        }
        catch (Exception e) when (e is ObjectDisposedException or System.Net.Sockets.SocketException or System.Text.Json.JsonException)
        {
            // Disposed, which tells it to end.
        }

        await _process.ExitAsync();
    }

    private static async Task<string> ReasonAsync(SpawnedProcess process, ForkServerStart start, CancellationToken cancellationToken)
    {
        var error = await process.Error.WaitAsync(cancellationToken);
        var text = start.Output is { } output ? await File.ReadAllTextAsync(output, cancellationToken) : error;
        return text.TrimEnd().Split('\n')[^1] is { Length: > 0 } line ? line : "it printed no reason";
    }
}
