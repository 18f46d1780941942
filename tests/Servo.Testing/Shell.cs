using System.Diagnostics;

namespace Servo.Testing;

/// <summary>Runs a real program to its end.</summary>
public static class Shell
{
    /// <summary>Runs a program and returns what it printed; throws where it fails, is missing or takes longer than two minutes.</summary>
    public static async Task<string> RunAsync(string workingDirectory, string program, params string[] arguments)
    {
        var result = await TryAsync(workingDirectory, program, arguments);

        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed on exit code {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Runs a program and returns how it ended, whatever its exit code.</summary>
    public static async Task<ShellResult> TryAsync(string workingDirectory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);

        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new ShellResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took longer than two minutes.");
        }
    }
}

/// <summary>How a program ended and what it printed.</summary>
public sealed record ShellResult(int ExitCode, string Output, string Error);
