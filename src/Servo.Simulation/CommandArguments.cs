using System.Globalization;

namespace Servo.Simulation;

/// <summary>A parsed command line: its words in order, and the values of each switch that was given.</summary>
internal sealed class CommandArguments(IReadOnlyList<string> words, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
{
    public IReadOnlyList<string> Words => words;

    public bool Has(string name) => values.ContainsKey(name);

    public string? Text(string name) => values.TryGetValue(name, out var given) ? given[0] : null;

    public int? Number(string name) => Text(name) is { } text ? Parse(text) : null;

    public IReadOnlyList<string> Texts(string name) => values.GetValueOrDefault(name, []);

    public IReadOnlyList<int>? Numbers(string name) => values.TryGetValue(name, out var given) ? [.. given.Select(Parse)] : null;

    public static bool IsNumber(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static int Parse(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
