using System.Globalization;
using Servo.Application.Settings;
using Servo.AspNetCore.Refusals;

namespace Servo.WebHost.Configuration;

/// <summary>Reads sections of the configuration into their options and collects what is wrong with them. An empty value counts as unset.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _maps = [];

    /// <summary>Values that could not be read.</summary>
    public IEnumerable<string> Problems => _problems;

    /// <summary>Whether a setting has a value, be it one that can be read or not.</summary>
    public bool Has(string key) => configuration[key] is { Length: > 0 };

    /// <summary>Reads a section; what it returns sets the values that the configuration has, and leaves the others as they are.</summary>
    public Action<object> Read(SettingsSection section)
    {
        var values = new List<(Setting Setting, object Value)>();

        foreach (var setting in section.Settings)
        {
            _known.Add(setting.Key);

            if (ReadEntries(setting) is { } entries)
                values.Add((setting, entries));

            if (configuration[setting.Key] is not { Length: > 0 } text)
                continue;

            if (SettingValue.Parse(setting, text, out var problem) is { } value)
                values.Add((setting, value));

            if (problem is not null)
                _problems.Add(problem);
        }

        return options => values.ForEach(read => read.Setting.Property.SetValue(options, read.Value));
    }

    /// <summary>Keys below a section that do not belong to a setting that was read: they are likely misspelt.</summary>
    public IEnumerable<string> UnknownKeys(string section) =>
        from setting in configuration.GetSection(section).AsEnumerable()
        where setting.Value is not null && setting.Key != section && !_known.Contains(setting.Key)
        select $"{setting.Key} is not a setting.{NearestKey.Question(setting.Key, _known, _maps)}";

    /// <summary>The entries of a map, or of a list whose keys are numbers; <see langword="null"/> where there are none.</summary>
    private object? ReadEntries(Setting setting)
    {
        var type = setting.Property.PropertyType;

        if (type != SettingValue.Map && type != SettingValue.List)
            return null;

        _maps.Add(setting.Key);
        List<IConfigurationSection> entries = [.. configuration.GetSection(setting.Key).GetChildren()];
        _known.UnionWith(entries.Select(entry => entry.Path));
        entries.RemoveAll(entry => entry.Value is not { Length: > 0 });

        if (entries.Count == 0)
            return null;

        return type == SettingValue.List ? ReadList(setting, entries)
            : entries.ToDictionary(entry => entry.Key, entry => entry.Value!, StringComparer.Ordinal);
    }

    private string[] ReadList(Setting setting, List<IConfigurationSection> entries)
    {
        _problems.AddRange(entries.Where(entry => !IsNumber(entry.Key))
            .Select(entry => $"{entry.Path} must be numbered: write {setting.Key}:0 and so on, or one value with commas."));

        if (Has(setting.Key))
            _problems.Add($"{setting.Key} is set both as one value and by {setting.Key}:0 and its like: set only one.");

        return [.. entries.SelectMany(entry => SettingValue.Items(entry.Value!))];
    }

    private static bool IsNumber(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
