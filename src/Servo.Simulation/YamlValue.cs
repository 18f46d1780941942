namespace Servo.Simulation;

/// <summary>A value of a YAML document: a text, a mapping, a list, or null when it is something else.</summary>
internal sealed record YamlValue
{
    private static readonly string[] _true = ["true", "yes", "on"];
    private static readonly string[] _false = ["false", "no", "off"];

    public string? Text { get; init; }

    public IReadOnlyDictionary<string, YamlValue>? Members { get; init; }

    public IReadOnlyList<YamlValue>? Items { get; init; }

    /// <summary>The text as YAML 1.1 reads a boolean, or <see langword="null"/>.</summary>
    public bool? Flag => _true.Contains(Text?.ToLowerInvariant()) ? true : _false.Contains(Text?.ToLowerInvariant()) ? false : null;

    public YamlValue? this[string name] => Members?.GetValueOrDefault(name);

    /// <summary>Whether this, or anything in it, is null.</summary>
    public bool HoldsNull => this switch
    {
        { Members: { } members } => members.Values.Any(value => value.HoldsNull),
        { Items: { } items } => items.Any(item => item.HoldsNull),
        _ => Text is null,
    };

    /// <summary>Lays another value over this one: mappings are merged name by name, anything else is replaced.</summary>
    public YamlValue MergedWith(YamlValue? over)
    {
        if (over is null)
            return this;

        if (Members is null || over.Members is null)
            return over;

        var merged = new Dictionary<string, YamlValue>(Members);

        foreach (var (name, value) in over.Members)
            merged[name] = merged.TryGetValue(name, out var present) ? present.MergedWith(value) : value;

        return new YamlValue { Members = merged };
    }
}
