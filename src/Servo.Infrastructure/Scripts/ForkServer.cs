using System.Globalization;
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
    private static readonly TimeSpan _forkLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _overdue = TimeSpan.FromMilliseconds(200);

    // A script may bind this process's threads, which its fork servers are children of, to other processors, or lower their priority.
    private static readonly string _processors = File.ReadLines("/proc/self/status")
        .First(line => line.StartsWith("Cpus_allowed:", StringComparison.Ordinal))
        .Split('\t')[1];

    private static readonly int? _nice = ProcessTable.Nice(Environment.ProcessId);

    private readonly SpawnedProcess _process;
    private readonly ControlSocket _control;
    private readonly Task _end;
    private int _supervisors = 1; // itself, until it retires
    private int _retired;

    private ForkServer(SpawnedProcess process, ControlSocket control, string executable, string version)
    {
        (_process, _control, Executable, Version) = (process, control, executable, version);
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

    /// <summary>Whether it can fork another supervisor.</summary>
    public bool IsUsable => _retired == 0 && !_end.IsCompleted;

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <exception cref="InterpreterException">The interpreter is missing or does not work.</exception>
    public static async Task<ForkServer> StartAsync(string python, string program, CancellationToken cancellationToken)
    {
        SpawnedProcess? process = null;
        ControlSocket? control = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_startLimit);

        try
        {
            control = ControlSocket.Connect(there => process = SpawnedProcess.Start(python, Arguments(program), SupervisorEnvironment, there));
            var ready = await control.ReadAsync(SupervisorJson.Default.ForkServerReady, limit.Token)
                ?? throw new InterpreterException(
                    $"The interpreter '{python}' does not work: {await ReasonAsync(process!, limit.Token)}. Set {ScriptOptions.PythonKey}.");

            return new ForkServer(process!, control, ready.Executable is { Length: > 0 } executable ? executable : python, ready.Version);
        }
        catch (Exception e)
        {
            control?.Dispose();
            process?.Kill();
            _ = process?.ExitAsync();

            throw e switch
            {
                IOException => new InterpreterException($"The interpreter {e.Message}. Set {ScriptOptions.PythonKey}.", e),
                OperationCanceledException when !cancellationToken.IsCancellationRequested =>
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

            if (await AwakeAsync(connection.ReadAsync(SupervisorJson.Default.SupervisorReady, limit.Token).AsTask()) is not { } ready)
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

    internal static IReadOnlyDictionary<string, string> SupervisorEnvironment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = Programs.SearchPath,
        ["LANG"] = "C.UTF-8",
    };

    // -E and -S: the supervisor itself must not depend on what an operator put into PYTHON* variables or site-packages.
    private static string[] Arguments(string program) => ["-B", "-E", "-S", program, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), _processors];

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
            return await AwakeAsync(pipe.ReadAsync(answer, limit.Token).AsTask()) == 1 ? answer[0] == (byte)'.' : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Waits for an answer of the fork server, which somebody may have stopped meanwhile, or may stop now.</summary>
    private async Task<T> AwakeAsync<T>(Task<T> answer)
    {
        while (await Task.WhenAny(answer, Task.Delay(_overdue)) != answer)
            ProcessTable.Wake(_process.Id);

        return await answer;
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

    private static async Task<string> ReasonAsync(SpawnedProcess process, CancellationToken cancellationToken) =>
        (await process.Error.WaitAsync(cancellationToken)).TrimEnd().Split('\n')[^1] is { Length: > 0 } line ? line : "it printed no reason";
}
