using System.Globalization;

namespace Servo.Bench;

/// <summary>
/// Prints what a program and Servo took in turns, and the median of their ratios pair by pair; with <c>--pairs</c> each pair too, for
/// <c>bench/compare</c>.
/// </summary>
internal static class PairedTimes
{
    public static bool ShowsPairs { get; set; }

    public static void WriteHead(string program) => Console.WriteLine($"{"input",-22} {"place",-12} {program,14} {"servo",10} {"ratio",7}");

    public static void Write(string input, string place, IReadOnlyList<double> program, IReadOnlyList<double> servo)
    {
        var ratio = Median(servo.Zip(program, (ours, theirs) => ours / theirs));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{input,-22} {place,-12} {Median(program),11:0} ms {Median(servo),7:0} ms {ratio,7:0.00}"));

        if (!ShowsPairs)
            return;

        foreach (var (ours, theirs) in servo.Zip(program))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pair\t{input}\t{ours:0.000}\t{theirs:0.000}"));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
