using System.Globalization;
using System.Text;

namespace Servo.Domain;

/// <summary>The name under which a callback's file arrives: a name of data, which nothing that looks for code or settings by name can find.</summary>
/// <remarks>What is not known to be data is refused: docs/decisions/0011-a-callback-is-data.md has the classes and the reasons.</remarks>
public sealed class CallbackTag
{
    /// <summary>The tag of a callback that names none.</summary>
    public const string Default = "callback.raw";

    private const int MaxBytes = 255;

    private readonly string _folded;

    private CallbackTag(string name, string folded) => (Name, _folded) = (name, folded);

    /// <summary>The file's name, as the caller wrote it.</summary>
    public string Name { get; }

    /// <summary>Reads a tag; one that is not a plain file name, or not a name of data, is <see cref="Refusal.Malformed"/>.</summary>
    public static Result<CallbackTag> Parse(string name)
    {
        if (!IsFileName(name))
            return new Refusal.Malformed("A callback tag is one plain file name.");

        var folded = name.ToLowerInvariant();

        if (!name.EnumerateRunes().All(IsPlain) || !DataName.IsData(folded))
            return new Refusal.Malformed(
                $"The callback tag '{name}' could be taken for code or for a tool's settings. "
                + "A callback is data: use a plain name such as 'status', 'report.json' or 'web-1.xml'.");

        return new CallbackTag(name, folded);
    }

    /// <summary>Whether a name is one plain file name, as opposed to a path or what no file can be called.</summary>
    public static bool IsFileName(string name) =>
        name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0 && Encoding.UTF8.GetByteCount(name) <= MaxBytes;

    /// <summary>Whether a name of the list could mean a file of this tag, also by another case or a way through folders.</summary>
    public bool IsNamedBy(ScriptList scripts) => scripts.Any(script => script.ToLowerInvariant().Split('/').Contains(_folded));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsPlain(Rune rune) =>
        Rune.IsLetterOrDigit(rune)
        || rune.Value is '.' or '-' or '_' or '+' or '@' or ',' or ':'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
