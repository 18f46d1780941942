namespace Servo.Simulation;

/// <summary>Lays cells out in columns, as the toolset prints them: a header, an empty row, the rows.</summary>
internal static class TextTable
{
    public static string Format(string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, [.. header.Select(_ => "")], .. rows];
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();

        return string.Join('\n', all.Select(row => string.Join("  |  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }
}
