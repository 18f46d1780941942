using System.Globalization;
using System.Text.RegularExpressions;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Finds in a line what a program was denied, as the common ones say it: <c>PermissionError: [Errno 13] Permission denied: '/etc/x'</c>,
/// <c>cp: cannot create regular file '/etc/x': Permission denied</c>, <c>connect to host h port 22: Permission denied</c>.
/// </summary>
internal static partial class DenialText
{
    /// <summary>Whether a line says that something was denied.</summary>
    public static bool IsDenial(string line) => Denied().IsMatch(line);

    /// <summary>The absolute paths in a line.</summary>
    public static IEnumerable<string> Paths(string line) =>
        AbsolutePath().Matches(line).Select(match => match.Groups["path"].Value.TrimEnd(':', '.', ','));

    /// <summary>The port in a line; <see langword="null"/> where there is none.</summary>
    public static int? Port(string line) =>
        PortNumber().Match(line) is { Success: true } match ? int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("permission denied|EACCES", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Denied();

    // In quotation marks of any kind with whatever is between them, or up to a blank or a colon.
    [GeneratedRegex("""['"`‘“](?<path>/[^'"`’”]*)['"`’”]|(?:^|[\s=(:])(?<path>/[^\s:'"]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"\bport:? (?<port>\d{1,5})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PortNumber();
}
