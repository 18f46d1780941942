using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Servo.Cli.Options;

/// <summary>A duration as people write it: 90, 90s, 5m, 1h, 00:05:00.</summary>
internal sealed class DurationOption : Option<TimeSpan?>
{
    // What timers of the runtime can count.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24);

    public DurationOption(string name) : base(name)
    {
        HelpName = "TIME";
        CustomParser = Parse;
    }

    private static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;

        if (Parse(text) is { } time && time > TimeSpan.Zero && time <= _longest)
            return time;

        result.AddError(
            $"'{text}' is not a duration: give seconds, or a value such as 90s, 5m, 1h or 00:05:00, more than zero and at most 24 days.");
        return null;
    }

    /// <summary>Reads a duration; <see langword="null"/> if it is not one.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParseExact(text, ["hh':'mm':'ss", "h':'mm':'ss"], CultureInfo.InvariantCulture, out var time) ? time : null;

        var (number, seconds) = text.Length > 0 && "smh".IndexOf(text[^1], StringComparison.Ordinal) is >= 0 and var unit
            ? (text[..^1], (int)Math.Pow(60, unit))
            : (text, 1);

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value <= _longest.TotalSeconds
            ? TimeSpan.FromSeconds(value * seconds)
            : null;
    }
}
