using System.Globalization;

namespace Servo.Application.Logs;

/// <summary>The line that stands where output is missing.</summary>
public static class LostOutput
{
    /// <summary>A setting bounds what is kept to so many bytes.</summary>
    public static string NotKept(long past, string setting) => Line(past, "is kept", "is not kept", setting);

    /// <summary>After so many bytes something went wrong.</summary>
    public static string CouldNotBeKept(long past, string why) => Line(past, "could be kept", "could not be kept", why);

    private static string Line(long past, string none, string rest, string reason) =>
        past == 0
            ? $"no output {none} ({reason})"
            : string.Create(CultureInfo.InvariantCulture, $"output past {past} bytes {rest} ({reason})");
}
