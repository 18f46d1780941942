namespace Servo.Simulation;

/// <summary>What <c>deploy</c> reads from a YAML file, as far as a simulated pod shows it.</summary>
internal sealed record ContainerDefinition(string Cluster, string Image)
{
    private const int MaxPorts = 100;

    public IReadOnlyList<PortMapping> Ports { get; init; } = [PortMapping.Control];

    public bool Start { get; init; } = true;

    /// <summary>The same with another tag of the image.</summary>
    public ContainerDefinition WithTag(string tag)
    {
        // A colon before the last slash belongs to the registry's port.
        var colon = Image.IndexOf(':', Image.LastIndexOf('/') + 1);
        return this with { Image = $"{(colon < 0 ? Image : Image[..colon])}:{tag}" };
    }

    /// <summary>Reads a definition; <paramref name="problem"/> is set when the answer is <see langword="null"/>.</summary>
    public static ContainerDefinition? From(YamlValue? yaml, out string problem)
    {
        var ports = yaml?["ports"]?.Items?.Select(item => item.Text is { } text ? PortMapping.Parse(text) : null).ToList() ?? [];

        problem = yaml?.Members is null ? "it is not a YAML mapping"
            : yaml["cluster"]?.Text is not { } cluster || !IsName(cluster) ? "'cluster' is missing or no name"
            : string.IsNullOrWhiteSpace(yaml["image"]?.Text) ? "'image' is missing"
            : !IsAbsentOr(yaml["start"], IsFlag) || !IsAbsentOr(yaml["debug"], IsFlag) ? "'start' or 'debug' is neither true nor false"
            : !IsAbsentOr(yaml["settings"], IsMapping) || !IsAbsentOr(yaml["verbatim"], IsMapping) ? "'settings' or 'verbatim' is not a mapping"
            : !IsAbsentOr(yaml["ports"], value => value.Items is not null) || ports.Contains(null) || ports.Count > MaxPorts
                ? "'ports' is not a list of N, 'N M' or 'N *'"
            : "";

        if (problem != "")
            return null;

        return new ContainerDefinition(yaml!["cluster"]!.Text!, yaml["image"]!.Text!.Trim())
        {
            Start = yaml["start"]?.Flag ?? true,
            Ports = [.. ports.Prepend(PortMapping.Control).OfType<PortMapping>().GroupBy(port => port.Container).Select(same => same.Last())],
        };
    }

    public static bool IsName(string text) => text.Length is > 0 and <= 200 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsAbsentOr(YamlValue? value, Func<YamlValue, bool> condition) => value is null || condition(value);

    private static bool IsFlag(YamlValue value) => value.Flag is not null;

    private static bool IsMapping(YamlValue value) => value.Members is not null;
}
