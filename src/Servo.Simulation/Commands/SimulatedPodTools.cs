namespace Servo.Simulation.Commands;

/// <summary>The tools of a simulated pod. They only make lines: nothing of the host is read, run or reached.</summary>
internal static class SimulatedPodTools
{
    private static readonly SortedDictionary<string, Func<IReadOnlyList<string>, UploadedFiles, IEnumerable<string>>> _tools = new(StringComparer.Ordinal)
    {
        ["echo"] = (words, _) => [string.Join(' ', words)],
        ["files"] = (words, files) => words.Where(word => files.Find(word) is not null).Select(word => $"{word} ({files.Find(word)!.Length} bytes)"),
        ["ping"] = (_, _) => ["pong"],
    };

    public static IEnumerable<string> Names => _tools.Keys;

    /// <summary>What the tool that the first word names prints, or <see langword="null"/> where there is none.</summary>
    public static IReadOnlyList<string>? Run(IReadOnlyList<string> words, UploadedFiles files) =>
        _tools.TryGetValue(words[0], out var tool) ? [.. tool([.. words.Skip(1)], files)] : null;
}
