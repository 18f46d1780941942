using System.Globalization;
using System.Text.RegularExpressions;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Says what of a line was the sandbox's doing, as programs commonly complain: <c>PermissionError: [Errno 13] Permission denied: '/etc/x'</c>,
/// <c>cp: cannot create regular file '/etc/x': Permission denied</c>, <c>connect to host h port 22: Permission denied</c>.
/// </summary>
/// <param name="ports">Those that scripts may connect to, where not all are.</param>
/// <param name="hidesFiles">Whether what is out of reach is not there for scripts.</param>
/// <param name="hasNetwork">Whether scripts have a network.</param>
internal sealed partial class DenialText(IReadOnlyCollection<ushort>? ports, bool hidesFiles, bool hasNetwork)
{
    /// <summary>Whether a line may be about something that was denied.</summary>
    public bool IsOne(string line) =>
        Denied().IsMatch(line) || (hidesFiles && Missing().IsMatch(line)) || (!hasNetwork && Unreachable().IsMatch(line));

    /// <summary>
    /// A sentence about the first path or the port of a line that was out of reach, and which setting allows it; <see langword="null"/> where it names
    /// none.
    /// </summary>
    public string? Explain(string line, Reach reach) =>
        !hasNetwork && Unreachable().IsMatch(line) ? $"scripts have no network: {ScriptOptions.NetworkKey} allows it"
        : Paths(line).Select(path => OfPath(path, line, reach)).FirstOrDefault(sentence => sentence is not null)
            ?? (ports is null || !Denied().IsMatch(line) || RelativePath().IsMatch(line) ? null : OfPort(Port(line), ports));

    private string? OfPath(string path, string line, Reach reach) => (reach.Of(path), ports is not null) switch
    {
        _ when Missing().IsMatch(line) && !Path.Exists(path) => null,
        (Access.None, var isStrict) when !isStrict || reach.IsHidden(path) =>
            $"{path} is out of the scripts' reach, as it is the gateway's or above what is the gateway's ({ScriptOptions.SandboxKey})",
        (Access.None, _) => $"{path} is out of the scripts' reach: {ScriptOptions.ReadableKey} or {ScriptOptions.WritableKey} allows it",
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

    [GeneratedRegex("permission denied|EACCES|read-only file system|EROFS", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Denied();

    [GeneratedRegex("no such file or directory|ENOENT", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Missing();

    [GeneratedRegex("network is unreachable|ENETUNREACH|name resolution|could not resolve", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Unreachable();

    // In quotation marks of any kind with whatever is between them, or up to a blank or a colon.
    [GeneratedRegex("""['"`‘“](?<path>/[^'"`’”]*)['"`’”]|(?:^|[\s=(:])(?<path>/[^\s:'"]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex AbsolutePath();

    // A name in quotation marks, of a file in a folder that the line does not tell.
    [GeneratedRegex("""['"`‘“][^/'"`’”][^'"`’”]*['"`’”]\s*$""", RegexOptions.CultureInvariant)]
    private static partial Regex RelativePath();

    [GeneratedRegex(@"\bport:? (?<port>\d{1,5})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PortNumber();
}
