using System.Globalization;

namespace Servo.Cli.Terminal;

/// <summary>A number of bytes for a person to read, in powers of 1000.</summary>
internal static class ByteSize
{
    private static readonly string[] _units = ["kB", "MB", "GB", "TB"];

    public static string Text(long bytes)
    {
        if (bytes < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");

        var value = bytes / 1000.0;
        var unit = 0;

        // 999.95 would be shown as 1000.0.
        for (; value >= 999.95 && unit < _units.Length - 1; unit++)
            value /= 1000;

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {_units[unit]}");
    }
}
