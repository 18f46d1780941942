using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Application.Runs;
using Servo.Application.Scripts;

namespace Servo.Infrastructure.Scripts;

/// <summary>A running supervisor: the process that starts scripts, one at a time, and proves that nothing of them lives on.</summary>
internal sealed class Interpreter : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Stream _requests;
    private readonly Stream _output;
    private readonly CancellationTokenSource _ended = new();
    private Task _interrupting = Task.CompletedTask;
    private bool _isFree = true;

    private Interpreter(Process process)
    {
        (_process, _requests, _output) = (process, process.StandardInput.BaseStream, process.StandardOutput.BaseStream);

        // Its last words are still in the pipe, but there may be no end of them: what a script started can hold the pipe open.
        _process.Exited += (_, _) => _ended.CancelAfter(_lastWords);
        _process.EnableRaisingEvents = true;
    }

    /// <summary>Whether it can take a further script: it runs none, and was not ended from outside while it waited.</summary>
    public bool IsUsable => _isFree && !_process.HasExited;

    /// <summary>Starts a supervisor and waits until it is ready.</summary>
    /// <exception cref="InterpreterException">The interpreter is missing or does not work.</exception>
    public static async Task<Interpreter> StartAsync(string python, string supervisor, CancellationToken cancellationToken)
    {
        // -E and -S: the supervisor itself must not depend on what an operator put into PYTHON* variables or site-packages.
        var start = new ProcessStartInfo(python, ["-E", "-S", supervisor])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["LANG"] = "C.UTF-8";

        var process = new Process { StartInfo = start };

        try
        {
            process.Start();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            process.Dispose();
            throw new InterpreterException($"The interpreter '{python}' cannot be started: {e.Message}. Set Servo:Scripts:Python.", e);
        }

        var interpreter = new Interpreter(process);
        var ready = "ready\n"u8.ToArray();
        var said = new byte[ready.Length];

        try
        {
            if (await interpreter._output.ReadAtLeastAsync(said, said.Length, throwOnEndOfStream: false, cancellationToken) == said.Length && said.AsSpan().SequenceEqual(ready))
                return interpreter;

            var error = await process.StandardError.ReadToEndAsync(cancellationToken);
            throw new InterpreterException($"The interpreter '{python}' does not work: {LastLine(error)}. Set Servo:Scripts:Python.");
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    /// <summary>Runs one script and passes on its output; see <see cref="IScriptRunner.RunAsync"/>.</summary>
    public async Task<ScriptExit> RunAsync(ScriptProcess script, string python, IReadOnlyDictionary<string, string> environment, IRunOutput output, CancellationToken cancellationToken)
    {
        // The trailer is known by 128 random bits that the script cannot see.
        var mark = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var trailer = new TrailerScanner(Encoding.ASCII.GetBytes('\0' + mark));
        var lines = new LineSplitter(script.Name, output);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        _isFree = false;

        try
        {
            await RequestAsync(new SupervisorRequest(mark, script.WorkingDirectory, [python, AsArgument(script.Path)], environment));

            await using (cancellationToken.UnsafeRegister(Interrupt, this))
                await PumpAsync(buffer, trailer, lines, output);

            await _interrupting;
            await lines.CompleteAsync();
            var (code, interrupted, survived) = trailer.Found!.Value;

            if (survived)
                throw new InterpreterException($"Processes that '{script.Name}' started could not be ended, as they do not belong to the gateway's user any more.");

            _isFree = true;
            return new ScriptExit(code, interrupted);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);

            if (!_isFree && environment.TryGetValue("HOME", out var home))
                Orphans.Kill("HOME", home);
        }
    }

    /// <summary>Closes the supervisor's input: it ends whatever still runs, and then itself.</summary>
    public void Dispose()
    {
        _isFree = false;
        _requests.Dispose();
        _output.Dispose();
        _process.Dispose();
    }

    private async Task PumpAsync(byte[] buffer, TrailerScanner trailer, LineSplitter lines, IRunOutput output)
    {
        while (trailer.Found is null)
        {
            var read = await ReadAsync(buffer.AsMemory(trailer.Held..BufferBytes));

            if (read == 0)
                throw new InterpreterException("The script's supervisor was ended from outside.");

            var text = trailer.Scan(buffer, trailer.Held + read);
            await lines.WriteAsync(buffer.AsMemory(0, text));
            trailer.Keep(buffer);
            await output.FlushAsync();
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await _output.ReadAsync(buffer, _ended.Token);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    private async Task RequestAsync(SupervisorRequest request)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(request, SupervisorJson.Default.SupervisorRequest);
        await SendAsync([.. json, (byte)'\n']);
    }

    private static void Interrupt(object? interpreter)
    {
        var self = (Interpreter)interpreter!;
        self._interrupting = self.InterruptAsync();
    }

    private async Task InterruptAsync()
    {
        try
        {
            await SendAsync([(byte)'\n']);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The supervisor is gone: the reader of its output sees that, too.
        }
    }

    private async Task SendAsync(byte[] line)
    {
        await _requests.WriteAsync(line, CancellationToken.None);
        await _requests.FlushAsync(CancellationToken.None);
    }

    /// <summary>A name that begins with a hyphen would be an option of the interpreter (CWE-88), and script names are not signed.</summary>
    private static string AsArgument(string path) => path.StartsWith('-') ? "./" + path : path;

    private static string LastLine(string error) => error.TrimEnd().Split('\n')[^1] is { Length: > 0 } line ? line : "it printed no reason";
}
