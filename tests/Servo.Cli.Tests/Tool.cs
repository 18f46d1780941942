using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>The built tool as a process of its own, whose environment holds no more of Servo than a test sets.</summary>
public sealed class Tool : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Channel<string> _errorLines = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _errorEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Tool(Process process) => _process = process;

    /// <summary>Beside this assembly's own output, in the configuration that the tests were built in.</summary>
    public static string Assembly { get; } = FindAssembly();

    public StreamReader Output => _process.StandardOutput;

    public static async Task<ShellResult> RunAsync(string directory, (string Name, string? Value)[] environment, params string[] arguments)
    {
        using var tool = Start(directory, environment, arguments);
        return await tool.EndAsync();
    }

    public static Tool Start(string directory, (string Name, string? Value)[] environment, params string[] arguments) =>
        StartProgram(directory, environment, "dotnet", [Assembly, .. arguments]);

    /// <summary>Runs the tool on a terminal, as <c>script</c> makes one; what it shows is the output.</summary>
    public static async Task<ShellResult> OnTerminalAsync(string directory, (string Name, string? Value)[] environment, params string[] arguments)
    {
        var command = $"dotnet '{Assembly}' {string.Join(' ', arguments.Select(argument => $"'{argument}'"))}";
        using var tool = StartProgram(directory, [("TERM", "xterm-256color"), .. environment], "script", ["-qec", command, "/dev/null"]);
        return await tool.EndAsync();
    }

    /// <summary>Runs a program in the tool's environment, with <c>servo</c> in its path.</summary>
    public static async Task<ShellResult> InShellAsync(string directory, (string Name, string? Value)[] environment, string script)
    {
        using var tool = StartProgram(directory, environment, "bash", ["--norc", "-c", $"servo() {{ dotnet '{Assembly}' \"$@\"; }}\n{script}"]);
        return await tool.EndAsync();
    }

    public async Task<ShellResult> EndAsync(TimeSpan? longest = null)
    {
        using var limit = new CancellationTokenSource(longest ?? TimeSpan.FromMinutes(1));

        try
        {
            var output = await _process.StandardOutput.ReadToEndAsync(limit.Token);
            await _process.WaitForExitAsync(limit.Token);
            await _errorEnd.Task.WaitAsync(limit.Token);
            return new ShellResult(_process.ExitCode, output, _error.ToString());
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The tool took too long; so far it said: {_error}");
        }
    }

    /// <summary>Waits until a line of standard error begins with a text.</summary>
    public async Task SeesErrorAsync(string start)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        await foreach (var line in _errorLines.Reader.ReadAllAsync(limit.Token))
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return;
        }
    }

    public Task SignalAsync(string signal) => Shell.RunAsync("/", "kill", $"-{signal}", $"{_process.Id}");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }

    private static Tool StartProgram(string directory, (string Name, string? Value)[] environment, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        foreach (var name in (string[])["SERVO_URL", "SERVO_TOKEN", "Servo__Token", "NO_COLOR", "CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE"])
            start.Environment.Remove(name);

        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var tool = new Tool(Process.Start(start)!);
        tool._process.StandardInput.Close();
        tool._process.ErrorDataReceived += (_, line) => tool.Take(line.Data);
        tool._process.BeginErrorReadLine();
        return tool;
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _errorLines.Writer.TryComplete();
            _errorEnd.TrySetResult();
        }
        else
        {
            _error.Append(line).Append('\n');
            _errorLines.Writer.TryWrite(line);
        }
    }

    private static string FindAssembly()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));

        return Path.Join(Repository.Root, "src/Servo.Cli/bin", framework.Parent!.Name, framework.Name, "servo.dll");
    }
}
