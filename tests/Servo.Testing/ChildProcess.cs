using System.Diagnostics;
using System.Text;

namespace Servo.Testing;

/// <summary>
/// A program that a test starts. What it prints is read as it comes, every wait for it is bounded, and disposal ends exactly this process and those that
/// it started.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly TimeSpan _timeout;
    private readonly PrintedLines _both = new();
    private readonly PrintedLines _output = new();
    private readonly PrintedLines _error = new();
    private readonly Task _reading;

    private volatile TaskCompletionSource _outputIsRead = new();

    private readonly string _state;

    private ChildProcess(Process process, string name, string state, TimeSpan timeout)
    {
        (_process, _name, _state, _timeout) = (process, name, state, timeout);
        _outputIsRead.SetResult();
        _reading = ReadAllAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that it printed so far, on both streams, by lines.</summary>
    public string Log => _both.Text;

    /// <summary>Runs a program to its end and returns what it printed; throws where it fails, is missing or takes longer than two minutes.</summary>
    public static async Task<string> RunAsync(string workingDirectory, string program, params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(workingDirectory, program, arguments);

        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed on exit code {exitCode}: {error}{output}");
    }

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    public static Task<ProcessResult> TryAsync(string workingDirectory, string program, params string[] arguments) =>
        TryAsync(program, arguments, new ProcessSettings { WorkingDirectory = workingDirectory });

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    public static async Task<ProcessResult> TryAsync(string program, IEnumerable<string> arguments, ProcessSettings settings)
    {
        await using var process = Start(program, arguments, settings);
        return await process.EndAsync();
    }

    public static ChildProcess Start(string program, IEnumerable<string> arguments, ProcessSettings settings)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = settings.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        if (!settings.InheritsEnvironment)
            start.Environment.Clear();

        // What a program keeps beyond its end is the test's alone.
        var state = Path.Join("/var/tmp", $"servo-state-{Guid.NewGuid():N}");
        start.Environment["XDG_STATE_HOME"] = state;
        start.Environment["XDG_CACHE_HOME"] = Path.Join(state, "cache");

        foreach (var (name, value) in settings.Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = new ChildProcess(Process.Start(start)!, $"{program} {string.Join(' ', start.ArgumentList)}", state, settings.Timeout);

        if (!settings.KeepsInputOpen)
            process.CloseInput();

        return process;
    }

    /// <summary>The next line of its output, or <see langword="null"/> at the end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var limit = new CancellationTokenSource(_timeout);
        return await WithinAsync(() => _output.NextAsync(limit.Token), _timeout);
    }

    /// <summary>Waits for a line, on either stream, behind those that were waited for before; throws where the program ends without it.</summary>
    public async Task<string> SeesAsync(Func<string, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(_timeout);

        return await WithinAsync(async () =>
        {
            while (await _both.NextAsync(limit.Token) is { } line)
            {
                if (isWanted(line))
                    return line;
            }

            throw new InvalidOperationException($"{_name} ended before it printed what was wanted:\n{Log}");
        }, _timeout);
    }

    /// <summary>Waits until all that it has printed so far holds a text: what it has done is printed, and read here, a moment later.</summary>
    public async Task PrintsAsync(string text)
    {
        using var limit = new CancellationTokenSource(_timeout);

        await WithinAsync(async () => await _both.BecomesAsync(log => log.Contains(text, StringComparison.Ordinal), limit.Token)
            ? true
            : throw new InvalidOperationException($"{_name} ended and has not printed '{text}':\n{Log}"), _timeout);
    }

    /// <summary>Writes a line to its input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Leaves its output unread, as a hanging log collector does.</summary>
    public void PauseOutput() => _outputIsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads on.</summary>
    public void ResumeOutput() => _outputIsRead.SetResult();

    /// <summary>Sends a signal, such as TERM, to it alone.</summary>
    public Task SignalAsync(string signal) => RunAsync("/", "kill", $"-{signal}", $"{Id}");

    /// <summary>Waits for its end and that of its output; ends it where that takes too long.</summary>
    public async Task<ProcessResult> EndAsync(TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? _timeout);

        return await WithinAsync(async () =>
        {
            await _process.WaitForExitAsync(limit.Token);
            await _reading.WaitAsync(limit.Token);
            return new ProcessResult(_process.ExitCode, _output.Rest, _error.Text);
        }, timeout ?? _timeout);
    }

    /// <summary>Kills it and all that it started.</summary>
    public async Task KillAsync()
    {
        if (_process.HasExited)
            return;

        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();

        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    private async Task<T> WithinAsync<T>(Func<Task<T>> wait, TimeSpan timeout)
    {
        try
        {
            return await wait();
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new TimeoutException($"{_name} took longer than {timeout.TotalSeconds:0} seconds; so far it printed:\n{Log}");
        }
    }

    private async Task ReadAllAsync()
    {
        await Task.WhenAll(
            ReadAsync(_process.StandardOutput, _output, () => _outputIsRead.Task),
            ReadAsync(_process.StandardError, _error, () => Task.CompletedTask));
        _both.End();
    }

    private async Task ReadAsync(StreamReader reader, PrintedLines lines, Func<Task> mayRead)
    {
        var block = new char[4096];
        var line = new StringBuilder();

        while (true)
        {
            await mayRead();
            var read = await reader.ReadAsync(block);

            if (read == 0)
                break;

            var start = 0;

            for (int end; (end = Array.IndexOf(block, '\n', start, read - start)) >= 0; start = end + 1)
            {
                line.Append(block, start, end + 1 - start);
                Add();
            }

            line.Append(block, start, read - start);
        }

        if (line.Length > 0)
            Add();

        lines.End();

        void Add()
        {
            var text = line.ToString();
            line.Clear();
            lines.Add(text);
            _both.Add(text);
        }
    }
}

/// <summary>How a program is started.</summary>
public sealed record ProcessSettings
{
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Variables beside those of the test run, or instead of them; one without a value is removed.</summary>
    public IEnumerable<(string Name, string? Value)> Environment { get; init; } = [];

    /// <summary>Whether the program has the variables of the test run, too.</summary>
    public bool InheritsEnvironment { get; init; } = true;

    /// <summary>Whether the test writes to its input; else it has none.</summary>
    public bool KeepsInputOpen { get; init; }

    /// <summary>How long any wait for it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>The outcome of a program.</summary>
/// <param name="ExitCode">128 + n where signal n ended it.</param>
/// <param name="Output">Its output, but for the lines that were read before its end.</param>
/// <param name="Error">All that it wrote to its standard error.</param>
public sealed record ProcessResult(int ExitCode, string Output, string Error);
