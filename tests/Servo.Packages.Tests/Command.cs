using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Servo.Packages.Tests;

/// <summary>A program to start in a clean environment.</summary>
public sealed class Command
{
    private readonly ProcessStartInfo _start;
    private TimeSpan _limit = TimeSpan.FromMinutes(2);

    public Command(string workingDirectory, string program, params string[] arguments)
    {
        _start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // 'dotnet test' and 'dotnet run' tell their children where their own MSBuild is, and CI=true would change the builds.
        foreach (var name in _start.Environment.Keys.Where(IsOurs).ToList())
            _start.Environment.Remove(name);

        // No server may outlive a build: neither MSBuild's nodes nor the compiler.
        With("MSBUILDDISABLENODEREUSE", "1").With("DOTNET_CLI_USE_MSBUILD_SERVER", "0").With("UseSharedCompilation", "false")
            .With("DOTNET_CLI_TELEMETRY_OPTOUT", "1").With("DOTNET_NOLOGO", "1").With("DOTNET_CLI_UI_LANGUAGE", "en").With("no_proxy", "127.0.0.1,localhost");
    }

    public Command With(string name, string? value)
    {
        if (value is null)
            _start.Environment.Remove(name);
        else
            _start.Environment[name] = value;

        return this;
    }

    /// <summary>Lets the program take longer than two minutes.</summary>
    public Command Within(TimeSpan limit)
    {
        _limit = limit;
        return this;
    }

    /// <summary>Runs the program to its end; its output is what it wrote to both streams.</summary>
    public async Task<CommandResult> RunAsync()
    {
        await using var running = Start();
        return await running.EndAsync();
    }

    public RunningCommand Start() => new(Process.Start(_start)!, _limit);

    private static bool IsOurs(string name) =>
        name is "CI" or "DOTNET_HOST_PATH" or "MSBuildSDKsPath" || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DOTNET_CLI", StringComparison.Ordinal)
        || name.StartsWith("SERVO", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase) || name.StartsWith("XUNIT", StringComparison.OrdinalIgnoreCase);
}

/// <summary>How a program ended and what it wrote.</summary>
public sealed record CommandResult(int ExitCode, string Output);

/// <summary>A program that runs.</summary>
public sealed class RunningCommand : IAsyncDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new();
    private readonly CancellationTokenSource _limit;
    private readonly Process _process;
    private readonly Task _reading;

    internal RunningCommand(Process process, TimeSpan limit)
    {
        (_process, _limit) = (process, new CancellationTokenSource(limit));
        process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int ProcessId => _process.Id;

    /// <summary>Waits until a line of the output holds a text.</summary>
    public async Task SeesAsync(string text)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(_limit.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }
    }

    public async Task<CommandResult> EndAsync()
    {
        await _process.WaitForExitAsync(_limit.Token);
        await _reading.WaitAsync(_limit.Token);

        lock (_output)
            return new CommandResult(_process.ExitCode, _output.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _limit.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
                _output.AppendLine(line);

            _lines.Writer.TryWrite(line);
        }
    }
}
