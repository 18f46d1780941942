using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Servo.Python.Tests;

/// <summary>A script of the corpus with the other files of its bundle.</summary>
internal sealed record CorpusScript(string Name, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>The script's own file.</summary>
    public const string Main = "script.py";

    public override string ToString() => Name;
}

/// <summary>
/// The scripts that are run warm and cold, from the files in Corpus/: <c>=== name</c> begins a script, <c>--- path</c> another file of its bundle, and a
/// name with <c>(bytes)</c> behind it says that <c>\xNN</c> is a byte. stdlib.txt lists modules, of which each is imported by a script of its own.
/// </summary>
internal static partial class Corpus
{
    private static readonly string Folder = Path.Join(AppContext.BaseDirectory, "Corpus");

    public static IReadOnlyList<CorpusScript> Scripts { get; } = [.. Written(), .. Imports()];

    private static IEnumerable<CorpusScript> Written() =>
        from path in Directory.EnumerateFiles(Folder, "*.txt").Order(StringComparer.Ordinal)
        where Path.GetFileName(path) != "stdlib.txt"
        from part in Header().Split(File.ReadAllText(path)).Skip(1).Chunk(2)
        select Parse(part[0], part[1]);

    private static CorpusScript Parse(string name, string text)
    {
        var isBytes = name.EndsWith("(bytes)", StringComparison.Ordinal);
        var parts = OtherFile().Split(text);
        var files = new Dictionary<string, byte[]> { [CorpusScript.Main] = Bytes(parts[0], isBytes) };

        foreach (var other in parts.Skip(1).Chunk(2))
            files[other[0]] = Bytes(other[1], isBytes);

        return new CorpusScript(name, files);
    }

    private static IEnumerable<CorpusScript> Imports() =>
        from module in File.ReadAllLines(Path.Join(Folder, "stdlib.txt"))
        let source = $"""
            import sys
            try:
                import {module}
            except BaseException as e:
                print(type(e).__name__, e)
            print(list(sys.modules))
            """
        select new CorpusScript($"import {module}", new Dictionary<string, byte[]> { [CorpusScript.Main] = Encoding.UTF8.GetBytes(source) });

    private static byte[] Bytes(string text, bool hasEscapes)
    {
        if (!hasEscapes)
            return Encoding.UTF8.GetBytes(text);

        return Encoding.Latin1.GetBytes(
            EscapedByte().Replace(text, match => ((char)byte.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));
    }

    [GeneratedRegex("^=== (.*)\n", RegexOptions.Multiline)]
    private static partial Regex Header();

    [GeneratedRegex("^--- (.*)\n", RegexOptions.Multiline)]
    private static partial Regex OtherFile();

    [GeneratedRegex(@"\\x([0-9a-f]{2})")]
    private static partial Regex EscapedByte();
}
