using System.IO.Pipes;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Logs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// A supervisor: the process that runs scripts, one at a time, and proves that nothing of them lives on. A script's output comes by a pipe
/// of its own and the supervisor's words by a socket that no script holds, so neither can be taken for the other.
/// </summary>
internal sealed class SupervisorProcess : IDisposable
{
    /// <summary>
    /// How long a supervisor that was told to end its script may take: its
    /// grace of 2 seconds between TERM and KILL, and 2 more for what resists.
    /// </summary>
    private static readonly TimeSpan _interruptLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(30);

    private readonly int _id;
    private readonly ControlSocket _control;
    private readonly ForkServer _forkServer;
    private bool _isFree = true;

    public SupervisorProcess(int id, ControlSocket control, ForkServer forkServer)
    {
        (_id, _control, _forkServer) = (id, control, forkServer);
        Subreaper.Spare(id);
    }

    /// <summary>The interpreter that scripts in Python get.</summary>
    public string Executable => _forkServer.Executable;

    /// <summary>Whether it can take a further script: it runs none, its fork server lives, and it was neither ended nor stopped while it waited.</summary>
    public bool IsUsable => IsReusable && ProcessTable.IsActive(_id);

    /// <summary>Whether it can be kept for a further script; whether somebody has stopped it is asked when it is taken.</summary>
    public bool IsReusable => _isFree && _forkServer.IsUsable && !_control.HasEnded;

    /// <summary>
    /// Runs one script by an interpreter, Python where it is <see langword="null"/>, as a user and in a sandbox if there are any, and passes on its output, see
    /// <see cref="IScriptRunner.RunAsync"/>; <see langword="null"/> where it has not started the script and never will.
    /// </summary>
    public async Task<ScriptExit?> RunAsync(
        ScriptProcess script,
        string? interpreter,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, long> limits,
        uint? user,
        Sandbox? sandbox,
        IRunOutput output,
        CancellationToken cancellationToken)
    {
        var (read, write) = Libc.Pipe();
        await using var pipe = new AnonymousPipeClientStream(PipeDirection.In, new SafePipeHandle(read, ownsHandle: true));
        using var request = new RequestFile(RequestOf(script, interpreter, environment, limits, user, sandbox?.Bubblewrap?.Command ?? []));
        _isFree = false;

        var started = await StartAsync(request, sandbox, write);

        if (started == false)
            return null;

        using var ended = new CancellationTokenSource();
        using var limit = new CancellationTokenSource();
        var pump = new ScriptOutput(script.Name, pipe, output).PumpAsync(ended.Token);
        ScriptExited? end = null;

        if (started == true)
        {
            await using (cancellationToken.UnsafeRegister(_ => Interrupt(limit), null))
                end = await WaitAsync(pump, limit.Token);
        }

        _forkServer.CountStart(request.ReasonForColdStart());

        // Without a word of its end, it and its script are ended from here.
        var survived = end?.Survived ?? !await _forkServer.EndAsync(_id);

        if (!pump.IsCompleted)
            await ended.CancelAsync();

        await pump;

        if (survived)
            throw new InterpreterException($"Processes that '{script.Name}' started could not be ended, as they do not belong to the gateway's user any more.");

        if (end is null)
            return cancellationToken.IsCancellationRequested
                ? new ScriptExit(128 + Libc.Kill, Interrupted: true)
                : throw new InterpreterException("The script's supervisor was ended from outside, or does not answer.");

        if (end.Interrupted && !cancellationToken.IsCancellationRequested)
            throw new InterpreterException("The script's supervisor says that it was told to end the script, which nobody told it.");

        _isFree = !end.Retired;
        return new ScriptExit(end.Code, end.Interrupted, Usage: end.Usage);
    }

    /// <summary>Closes the connection, and continues the supervisor where somebody has stopped it: it ends whatever still runs, and then itself.</summary>
    public void Dispose()
    {
        _isFree = false;
        Subreaper.SpareNoLonger(_id);
        _control.Dispose();
        ProcessTable.Wake(_id);
        _forkServer.Release();
    }

    private ScriptRequest RequestOf(
        ScriptProcess script,
        string? interpreter,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, long> limits,
        uint? user,
        string[] launcher)
    {
        string[] command = interpreter is null ? [_forkServer.Executable, AsArgument(script.Path)] : [interpreter, AsPath(script.Path)];
        return new ScriptRequest(script.WorkingDirectory, [.. launcher, .. command], environment, limits, user);
    }

    /// <summary>
    /// Hands the request over with the pipe's end that is written, and the sandbox. Returns whether the supervisor has started the script;
    /// <see langword="null"/> where it does not say, as a script that ends its supervisor may have run before the word of its start.
    /// </summary>
    private async Task<bool?> StartAsync(RequestFile request, Sandbox? sandbox, int write)
    {
        try
        {
            _control.Send((byte)'r', write);

            foreach (var (verb, descriptor) in sandbox?.Parts ?? [])
                _control.Send((byte)verb, (int)descriptor.DangerousGetHandle());

            _control.Send((byte)'d', request.Descriptor);
        }
        catch (IOException)
        {
            // It was ended while it waited.
            return false;
        }
        finally
        {
            Libc.close(write);
        }

        try
        {
            using var limit = new CancellationTokenSource(_startLimit);
            var started = _control.ReadAsync(SupervisorJson.Default.ScriptStarted, limit.Token).AsTask();

            return await ProcessTable.KeepAwakeAsync(_id, started) is { } answer ? !answer.Retired : null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Waits for the supervisor's word of the script's end; <see langword="null"/>
    /// where none comes: it was ended, or it is stopped and the limit has passed.
    /// </summary>
    private async Task<ScriptExited?> WaitAsync(Task pump, CancellationToken limit)
    {
        var end = ReadEndAsync(limit);

        // An answer that takes no more output ends the script.
        if (await Task.WhenAny(pump, end) == pump && pump.IsFaulted)
        {
            await _forkServer.EndAsync(_id);
            await pump;
        }

        return await end;
    }

    private async Task<ScriptExited?> ReadEndAsync(CancellationToken limit)
    {
        try
        {
            return await _control.ReadAsync(SupervisorJson.Default.ScriptExited, limit);
        }
        catch (Exception e) when (e is OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    private void Interrupt(CancellationTokenSource limit)
    {
        limit.CancelAfter(_interruptLimit);

        try
        {
            _control.Send((byte)'i');
        }
        catch (IOException)
        {
            // The supervisor is gone: the reader of its messages sees that, too.
        }
    }

    /// <summary>A name that begins with a hyphen would be an option of the interpreter (CWE-88), and script names are not signed.</summary>
    private static string AsArgument(string path) => path.StartsWith('-') ? AsPath(path) : path;

    /// <summary>A shell looks in PATH for a plain name that is gone, and some interpreters have commands of such names.</summary>
    private static string AsPath(string path) => "./" + path;
}
