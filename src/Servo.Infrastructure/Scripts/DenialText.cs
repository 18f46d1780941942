using System.Globalization;
using System.Text.RegularExpressions;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Says what of a line was the sandbox's doing, as programs commonly complain: <c>PermissionError: [Errno 13] Permission denied: '/etc/x'</c>,
/// <c>cp: cannot create regular file '/etc/x': Permission denied</c>, <c>connect to host h port 22: Permission denied</c>.
/// </summary>
internal static partial class DenialText
{
    /// <summary>Whether a line says that something was denied.</summary>
    public static bool IsDenial(string line) => Denied().IsMatch(line);

    /// <summary>
    /// A sentence about the first path or the port of a line that was out of reach, and which setting allows it; <see langword="null"/> where it names
    /// none. Ports are those that scripts may connect to where not all are.
    /// </summary>
    public static string? Explain(string line, Reach reach, IReadOnlyCollection<ushort>? ports) =>
        Paths(line).Select(path => OfPath(path, reach.Of(path), isStrict: ports is not null)).FirstOrDefault(sentence => sentence is not null)
            ?? (ports is null ? null : OfPort(Port(line), ports));

    private static string? OfPath(string path, Access access, bool isStrict) => (access, isStrict) switch
    {
        (Access.None, false) => $"{path} is out of the scripts' reach, as it is the gateway's or above what is the gateway's ({ScriptOptions.SandboxKey})",
        (Access.None, true) => $"{path} is out of the scripts' reach: {ScriptOptions.ReadableKey} or {ScriptOptions.WritableKey} allows it",
        (Access.Read, false) => $"writing {path} is denied to scripts, as it is the gateway's ({ScriptOptions.SandboxKey})",
        (Access.Read, true) => $"writing {path} is denied to scripts: {ScriptOptions.WritableKey} allows it",
        _ => null,
    };

    private static string? OfPort(ushort? port, IReadOnlyCollection<ushort> allowed) =>
        port is not { } named ? $"if this was a connection by TCP: scripts connect to the ports of {ScriptOptions.ConnectKey} only"
        : allowed.Contains(named) ? null
        : $"connections to port {named} are denied to scripts: {ScriptOptions.ConnectKey} allows them";

    private static IEnumerable<string> Paths(string line) =>
        AbsolutePath().Matches(line).Select(match => match.Groups["path"].Value.TrimEnd(':', '.', ',')).Where(path => !path.Any(char.IsControl));

    private static ushort? Port(string line) =>
        PortNumber().Match(line) is { Success: true } match && ushort.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port : null;

    [GeneratedRegex("permission denied|EACCES", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Denied();

    // In quotation marks of any kind with whatever is between them, or up to a blank or a colon.
    [GeneratedRegex("""['"`‘“](?<path>/[^'"`’”]*)['"`’”]|(?:^|[\s=(:])(?<path>/[^\s:'"]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"\bport:? (?<port>\d{1,5})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PortNumber();
}
