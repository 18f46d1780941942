using System.Diagnostics;

namespace Servo.Bench;

/// <summary>A program that Servo is held against, as a process that must succeed.</summary>
internal static class OtherProgram
{
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();

        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}.");
    }
}
