using System.Globalization;
using System.Reflection;
using Servo.Application.Settings;
using Servo.Domain;

namespace Servo.WebHost.Configuration;

/// <summary>Reads the text of a setting as the type of its property.</summary>
internal static class SettingValue
{
    /// <summary>The type of settings that are entries with names.</summary>
    public static Type Map { get; } = typeof(IReadOnlyDictionary<string, string>);

    /// <summary>The type of settings that are lists.</summary>
    public static Type List { get; } = typeof(IReadOnlyList<string>);

    /// <summary>Returns the value, or says in <paramref name="problem"/> what it must be.</summary>
    public static object? Parse(Setting setting, string text, out string? problem)
    {
        var type = Nullable.GetUnderlyingType(setting.Property.PropertyType) ?? setting.Property.PropertyType;

        var (value, expected) = setting.Property.IsDefined(typeof(TokenAttribute)) ? (Token(text), "must not be empty")
            : type == typeof(string) ? (text, "")
            : type == typeof(Uri) ? (Url(text), "must be an absolute URL")
            : type == typeof(bool) ? (bool.TryParse(text, out var flag) ? flag : null, "must be true or false")
            : type == typeof(int) ? (WholeNumber<int>(text), $"must be a whole number, at most {int.MaxValue}")
            : type == typeof(long) ? (WholeNumber<long>(text), $"must be a whole number, at most {long.MaxValue}")
            : type == typeof(TimeSpan) ? (Duration(text), "must be a duration: write hh:mm:ss or a number of seconds")
            : type == List ? (Items(text), "")
            : type == Map ? (null, $"has a name for each value: write {setting.Key}:NAME=VALUE")
            : type.IsEnum ? (Name(type, text), $"must be one of {string.Join(", ", Enum.GetNames(type))}")
            : throw new NotSupportedException($"{setting.Key} is of the type {type}, which no text is read as.");

        problem = value is null ? $"{setting.Key} {expected}." : null;
        return value;
    }

    /// <summary>The items of a list that is one value, with commas between them.</summary>
    public static string[] Items(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? Token(string text) => TokenText.Trim(text) is { Length: > 0 } token ? token : null;

    /// <summary>One that is not absolute is left to the rule of its property, which knows an example.</summary>
    private static Uri? Url(string text) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var url) ? url : null;

    private static object? WholeNumber<T>(string text)
        where T : struct, IParsable<T>, System.Numerics.IBinaryInteger<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Reads hours:minutes:seconds, or a plain number of seconds (which TimeSpan itself would take for days).</summary>
    private static TimeSpan? Duration(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) ? duration
        : null;

    /// <summary>Reads a name, never the number behind it.</summary>
    private static object? Name(Type type, string text) =>
        Array.Find(Enum.GetNames(type), name => name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)) is { } found ? Enum.Parse(type, found) : null;
}
