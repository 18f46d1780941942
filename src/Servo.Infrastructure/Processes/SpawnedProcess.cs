using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Processes;

/// <summary>
/// A child with a session of its own, a socket or nothing as its standard input and no other descriptor of the host. The platform's own class
/// knows pipes only, and passes every descriptor on that another thread is about to mark.
/// </summary>
internal sealed class SpawnedProcess : IDisposable
{
    private const short SetSignalDefaults = 4;
    private const short SetSignalMask = 8;
    private const short NewSession = 128;

    // More than any C library's posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t take.
    private const int OpaqueBytes = 1024;
    private const int LongestError = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Task<string> _error;
    private bool _reaped;
    private int? _exitCode;

    private SpawnedProcess(int id, int error)
    {
        Id = id;
        _error = ReadErrorAsync(error);
    }

    /// <summary>Its process id; nobody else's until <see cref="ExitAsync"/> has returned.</summary>
    public int Id { get; }

    /// <summary>
    /// Starts a program with these variables only, and with the descriptor <paramref name="input"/>, if any, as its standard input. What it prints
    /// goes to the file <paramref name="output"/>, if any; else its output is lost, and <see cref="Error"/> has the rest.
    /// </summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static SpawnedProcess Start(
        string program, IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, int input = -1, string? output = null)
    {
        var (read, write) = Libc.Pipe();

        try
        {
            // Known before anyone looks for children that nobody knows.
            lock (Subreaper.Gate)
            {
                var id = Spawn(program, arguments, environment, input, output, write);
                Subreaper.Know(id);
                return new SpawnedProcess(id, read);
            }
        }
        catch
        {
            Libc.close(read);
            throw;
        }
        finally
        {
            Libc.close(write);
        }
    }

    /// <summary>What it has printed to its standard error, once it and all that it started have closed it.</summary>
    public Task<string> Error => _error;

    /// <summary>
    /// Waits until it has ended; 128 + n where signal n ended it, <see langword="null"/> where that is lost: in the first process of a container the runtime may collect
    /// every child before anybody else does. Call it when its end is near: it takes a thread meanwhile.
    /// </summary>
    public Task<int?> ExitAsync() => Task.Factory.StartNew(Exit, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Kills it, unless it has ended.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            if (!_reaped)
                _ = Libc.kill(Id, Libc.Kill);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();

    /// <summary>Does the same in this thread.</summary>
    public int? Exit()
    {
        int status, result;

        // An ended child keeps its id until this very call, which Kill must not overtake; so the wait itself collects nothing.
        while ((result = Libc.WaitWithoutReaping(Id)) < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted)
        {
        }

        lock (_gate)
        {
            if (_reaped)
                return _exitCode;

            if (result == 0 && Libc.waitpid(Id, out status, 0) == Id)
                _exitCode = (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);

            _reaped = true;
            Subreaper.Forget(Id);
            return _exitCode;
        }
    }

    private static async Task<string> ReadErrorAsync(int descriptor)
    {
        await using var pipe = new AnonymousPipeClientStream(PipeDirection.In, new SafePipeHandle(descriptor, ownsHandle: true));
        var buffer = new byte[4096];
        using var kept = new MemoryStream();

        while (await pipe.ReadAsync(buffer) is > 0 and var read)
        {
            // What comes past the limit is dropped, but read, so that nobody waits.
            if (kept.Length < LongestError)
                kept.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    private static unsafe int Spawn(
        string program, IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, int input, string? output, int error)
    {
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        using var words = new NativeStrings([program, .. arguments]);
        using var variables = new NativeStrings(environment.Select(pair => $"{pair.Key}={pair.Value}"));
        using var files = new NativeStrings(["/dev/null", output ?? "/dev/null"]);

        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);

        try
        {
            _ = input < 0
                ? Libc.posix_spawn_file_actions_addopen(actions, 0, files.Pointers[0], 0, 0)
                : Libc.posix_spawn_file_actions_adddup2(actions, input, 0);
            _ = Libc.posix_spawn_file_actions_addopen(actions, 1, files.Pointers[1], Libc.WriteOnly | Libc.Create | Libc.Truncate, Libc.OwnerOnly);
            _ = Libc.posix_spawn_file_actions_adddup2(actions, output is null ? error : 1, 2);

            // The runtime handles and blocks signals for itself; a child must find none of that.
            _ = Libc.sigfillset(signals);
            _ = Libc.posix_spawnattr_setsigdefault(attributes, signals);
            _ = Libc.sigemptyset(signals);
            _ = Libc.posix_spawnattr_setsigmask(attributes, signals);
            _ = Libc.posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask | NewSession);

            int id;
            var failure = Libc.posix_spawn(&id, *words.Pointers, actions, attributes, words.Pointers, variables.Pointers);
            return failure == 0 ? id : throw new IOException($"'{program}' cannot be started: {Marshal.GetPInvokeErrorMessage(failure)}");
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Strings as C has them: an array of pointers that ends in a null pointer.</summary>
    private sealed unsafe class NativeStrings : IDisposable
    {
        private readonly byte*[] _strings;

        public NativeStrings(IEnumerable<string> strings)
        {
            var texts = strings.ToArray();
            _strings = new byte*[texts.Length];
            Pointers = (byte**)NativeMemory.Alloc((nuint)texts.Length + 1, (nuint)sizeof(byte*));

            for (var i = 0; i < texts.Length; i++)
                Pointers[i] = _strings[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);

            Pointers[texts.Length] = null;
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            foreach (var text in _strings)
                Marshal.FreeCoTaskMem((nint)text);

            NativeMemory.Free(Pointers);
        }
    }
}
