using System.Diagnostics;
using System.Globalization;
using Servo.Client;

namespace Servo.Bench;

/// <summary>Packs a folder by the client, and prints how many milliseconds each round took. Arguments: DIR, OUT, rounds (1).</summary>
internal static class PackBench
{
    public static async Task RunAsync(string[] arguments)
    {
        var (source, archive) = (arguments[0], arguments[1]);
        var rounds = arguments is [_, _, var third, ..] ? int.Parse(third, CultureInfo.InvariantCulture) : 1;

        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();

            await using (var file = new FileStream(archive, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                await Bundle.FromDirectory(source).PackAsync(file);

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0}"));
        }
    }

    /// <summary>The same, and then the most resident memory of the process so far in MB (Linux).</summary>
    public static async Task RunWithMemoryAsync(string[] arguments)
    {
        await RunAsync(arguments);
        var peak = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {long.Parse(peak, CultureInfo.InvariantCulture) / 1024.0:0.0} MB"));
    }
}
