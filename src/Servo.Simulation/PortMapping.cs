using System.Globalization;

namespace Servo.Simulation;

/// <summary>A port of a container and, where the definition fixes it, the port of the host that leads to it.</summary>
internal sealed record PortMapping(int Container, int? Host)
{
    /// <summary>The port of the pod itself, which every container has.</summary>
    public static readonly PortMapping Control = new(8080, null);

    /// <summary>
    /// Reads <c>N</c> (any host port), <c>N M</c> (that one) or <c>N *</c>
    /// (the same one), each with <c>tcp</c> or <c>udp</c> behind it or not.
    /// </summary>
    public static PortMapping? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ports = words is [.., "tcp" or "udp"] ? words[..^1] : words;

        return ports switch
        {
            [var container] when Port(container) is { } number => new PortMapping(number, null),
            [var container, "*"] when Port(container) is { } number => new PortMapping(number, number),
            [var container, var host] when Port(container) is { } number && Port(host) is { } fixedPort => new PortMapping(number, fixedPort),
            _ => null,
        };
    }

    private static int? Port(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}
