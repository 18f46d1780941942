using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Servo.Application.Settings;
using Servo.Testing;

namespace Servo.WebHost.Tests;

/// <summary>docs/configuration.md has a row for each setting of the options that the host registers, with the default that it has.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly Dictionary<string, string> _rows = Row().Matches(File.ReadAllText(Path.Join(Repository.Root, "docs/configuration.md")))
        .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value.Trim());

    private static readonly Dictionary<string, object?> _defaults = Defaults();

    public static TheoryData<string> Settings => [.. _defaults.Keys];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_has_a_row_with_its_default(string key)
    {
        var value = _defaults[key];
        _rows.ShouldContainKey(key);

        if (value is long or int or TimeSpan && Number(_rows[key]) is { } documented)
            documented.ShouldBe(value is TimeSpan time ? time.TotalHours : Convert.ToDouble(value, CultureInfo.InvariantCulture), key);
        else if (value is bool or Uri or string { Length: > 0 } and not ['/', ..])
            _rows[key].ShouldBe(value is bool flag ? (flag ? "`true`" : "`false`") : $"`{value}`");
    }

    [Fact]
    public void No_row_is_of_a_setting_that_does_not_exist() => _rows.Keys.ShouldBe(_defaults.Keys, ignoreOrder: true);

    private static Dictionary<string, object?> Defaults()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddServo();
        var sections = builder.Services.Where(service => service.ServiceType == typeof(SettingsSection)).Select(service => (SettingsSection)service.ImplementationInstance!);

        return sections.SelectMany(section => section.Settings, (section, setting) => (setting.Key, Value: setting.Property.GetValue(section.CreateDefault())))
            .ToDictionary(setting => setting.Key, setting => setting.Value);
    }

    /// <summary>Sizes in bytes, times in hours; <see langword="null"/> where the default is given in words.</summary>
    private static double? Number(string text) => Amount().Match(text) is { Success: true } match
        ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { " GiB" => 1 << 30, " MiB" => 1 << 20, _ => 1 }
        : null;

    [GeneratedRegex(@"^\| `(Servo:[\w:]+)` \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\A(\d+)( GiB| MiB| hour)?\z")]
    private static partial Regex Amount();
}
