using Servo.Application.Settings;

namespace Servo.WebHost.Configuration;

/// <summary>Reads sections of the configuration into their options and collects what is wrong with them. An empty value counts as unset.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

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

            if (configuration[setting.Key] is not { Length: > 0 } text)
                continue;

            if (SettingValue.Parse(setting, text, out var problem) is { } value)
                values.Add((setting, value));

            if (problem is not null)
                _problems.Add(problem);
        }

        return options => values.ForEach(read => read.Setting.Property.SetValue(options, read.Value));
    }

    /// <summary>Keys below a section that are no setting of those that were read: they are likely misspelt.</summary>
    public IEnumerable<string> UnknownKeys(string section) =>
        from setting in configuration.GetSection(section).AsEnumerable()
        where setting.Value is not null && setting.Key != section && !_known.Contains(setting.Key)
        select $"{setting.Key} is not a setting.{NearestKey.Question(setting.Key, _known)}";
}
