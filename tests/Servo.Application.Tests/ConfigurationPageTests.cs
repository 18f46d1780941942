using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Application.Tests;

/// <summary>docs/configuration.md has a row for each setting of the core, with the default that it has.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly Dictionary<string, string> _rows = Row().Matches(File.ReadAllText(Path.Join(Repository.Root, "docs/configuration.md")))
        .ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value.Trim());

    public static TheoryData<string> Settings => [.. Of(new ServoOptions(), "Servo").Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_has_a_row_with_its_default(string key)
    {
        var value = Of(new ServoOptions(), "Servo").Single(setting => setting.Key == key).Value;
        _rows.ShouldContainKey(key);

        if (value is long or int or TimeSpan && Number(_rows[key]) is { } documented)
            documented.ShouldBe(value is TimeSpan time ? time.TotalHours : Convert.ToDouble(value, CultureInfo.InvariantCulture), key);
        else if (value is string { Length: > 0 } and not ['/', ..])
            _rows[key].ShouldBe($"`{value}`");
    }

    [Fact]
    public void No_row_is_of_a_setting_that_does_not_exist()
    {
        string[] elsewhere = ["Servo:TokenFile", "Servo:Pod:Enabled"];

        _rows.Keys.Except(elsewhere).ShouldBeSubsetOf(Settings.Select(setting => (string)((ITheoryDataRow)setting).GetData()[0]!));
    }

    private static IEnumerable<KeyValuePair<string, object?>> Of(object options, string path) =>
        options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
        {
            var (key, value) = ($"{path}:{property.Name}", property.GetValue(options));
            return value?.GetType().Assembly == typeof(ServoOptions).Assembly && value is not Enum ? Of(value, key) : [new(key, value)];
        });

    /// <summary>Sizes in bytes, times in hours; <see langword="null"/> where the default is given in words.</summary>
    private static double? Number(string text) => Amount().Match(text) is { Success: true } match
        ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { " GiB" => 1 << 30, " MiB" => 1 << 20, _ => 1 }
        : null;

    [GeneratedRegex(@"^\| `(Servo:[\w:]+)`(?:, `\w+`)* \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\A(\d+)( GiB| MiB| hour)?\z")]
    private static partial Regex Amount();
}
