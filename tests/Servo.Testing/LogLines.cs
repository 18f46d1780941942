using System.Text.RegularExpressions;

namespace Servo.Testing;

/// <summary>Lines of a log without what differs with the load of the machine.</summary>
public static partial class LogLines
{
    /// <summary>Lines whose last words are <c>ran in N seconds</c> where they told a number.</summary>
    public static IEnumerable<string> WithoutSeconds(this IEnumerable<string> lines) => lines.Select(WithoutSeconds);

    public static string WithoutSeconds(this string line) => Seconds().Replace(line, "ran in N seconds");

    [GeneratedRegex(@"ran in \d+ seconds$")]
    private static partial Regex Seconds();
}
