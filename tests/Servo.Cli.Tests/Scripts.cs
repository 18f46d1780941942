using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Scripts that more than one test runs.</summary>
internal static class Scripts
{
    /// <summary>Prints a line, waits for the callback <c>go</c>, and prints another.</summary>
    public const string Waiting = "import os, time\nprint('first')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('second')\n";

    /// <summary>Reads lines up to <c>first</c>, and returns the callback's address.</summary>
    public static async Task<string> ReadToFirstAsync(ChildProcess tool)
    {
        var callback = "";

        while (true)
        {
            var line = await tool.ReadLineAsync() ?? throw new InvalidOperationException($"The output ended before the script's first line:\n{tool.Log}");

            if (line == "first")
                return callback;

            if (line.StartsWith("$CALLBACK = ", StringComparison.Ordinal))
                callback = line["$CALLBACK = ".Length..];
        }
    }
}
