using System.Globalization;
using System.Numerics;
using Servo.Domain;

namespace Servo.WebHost.Configuration;

/// <summary>Reads typed settings of one section and collects what is wrong with them. An empty value counts as unset.</summary>
internal sealed class SettingReader(IConfigurationSection section)
{
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What was wrong with the settings that were read, and every key that was not asked for: it is likely misspelt.</summary>
    public IEnumerable<string> Problems => _problems.Concat(Leaves(section)
        .Where(leaf => !_known.Contains(leaf))
        .Select(leaf => $"{section.Path}:{leaf} is not a setting."));

    /// <summary>What an operator may not have meant, a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public string? Text(string key)
    {
        _known.Add(key);
        return section[key] is { Length: > 0 } value ? value : null;
    }

    public Uri? Address(string key) =>
        Read(key, "no address", value => Uri.TryCreate(value, UriKind.Absolute, out var uri) ? uri : null);

    /// <summary>Reads a token: without one line ending behind it, and never with white space at its ends.</summary>
    public string? Token(string key)
    {
        if (Text(key) is not { } value)
            return null;

        var token = TokenText.Trim(value);

        if (TokenText.Problem(token) is not { } why)
            return token;

        _problems.Add($"{section.Path}:{key} {why}.");
        return null;
    }

    /// <summary>Reads a token from the setting, or from the file that a second setting names; both together are a problem.</summary>
    public string? Token(string key, string fileKey)
    {
        var token = Token(key);

        if (Text(fileKey) is not { } path)
            return token;

        if (Text(key) is not null)
        {
            _problems.Add($"{section.Path}:{key} and {section.Path}:{fileKey} are both set: set only one.");
            return token;
        }

        token = TokenFile.Read(path, out var problem, out var warning);

        if (problem is not null)
            _problems.Add($"{section.Path}:{fileKey}: {problem}.");

        if (warning is not null)
            _warnings.Add($"{section.Path}:{fileKey}: {warning}.");

        return token;
    }

    public bool? Flag(string key) =>
        ReadValue<bool>(key, "neither true nor false", value => bool.TryParse(value, out var flag) ? flag : null);

    public T? Number<T>(string key)
        where T : struct, IBinaryInteger<T> =>
        ReadValue<T>(key, "no whole number that fits", value => T.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null);

    public T? Choice<T>(string key)
        where T : struct, Enum =>
        ReadValue<T>(key, $"none of {string.Join(", ", Enum.GetNames<T>())}", value =>
            Enum.TryParse<T>(value, ignoreCase: true, out var choice) && Enum.IsDefined(choice) && !char.IsAsciiDigit(value[0]) ? choice : null);

    /// <summary>Reads hours:minutes:seconds, or a plain number of seconds (which TimeSpan itself would take for days).</summary>
    public TimeSpan? Duration(string key) =>
        ReadValue<TimeSpan>(key, "no duration: write hh:mm:ss or a number of seconds", value =>
            double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var duration) ? duration : null);

    private T? Read<T>(string key, string wrong, Func<string, T?> parse)
        where T : class
    {
        if (Text(key) is not { } value)
            return null;

        var parsed = parse(value);
        Note(parsed is null, key, wrong);
        return parsed;
    }

    private T? ReadValue<T>(string key, string wrong, Func<string, T?> parse)
        where T : struct
    {
        if (Text(key) is not { } value)
            return null;

        var parsed = parse(value);
        Note(parsed is null, key, wrong);
        return parsed;
    }

    private void Note(bool isWrong, string key, string wrong)
    {
        if (isWrong)
            _problems.Add($"{section.Path}:{key} is {wrong}.");
    }

    private static IEnumerable<string> Leaves(IConfigurationSection section) =>
        section.AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null && pair.Key.Length > 0).Select(pair => pair.Key);
}
