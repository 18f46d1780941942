using System.IO.Enumeration;
using System.Text.Json;
using CsCheck;
using Servo.Testing;

namespace Servo.Simulation.Tests;

public sealed class NamePatternTests
{
    private static readonly Gen<string> _name = Gen.OneOf('a', 'b', '-').Array[0, 8].Select(letters => new string(letters));

    [Theory]
    [InlineData("*servo", "marathon.servo", true)]
    [InlineData("*servo", "marathon.servo2", false)]
    [InlineData("*.web*", "test.web-blue", true)]
    [InlineData("marathon.web?", "marathon.web1", true)]
    [InlineData("marathon.web?", "marathon.web", false)]
    [InlineData("[a-c]x[!0-9]", "bxy", true)]
    [InlineData("[a-c]x[!0-9]", "bx3", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[!]]", "]", false)]
    [InlineData("[x", "[x", true)]
    [InlineData("[!", "[!", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("Web", "web", false)]
    [InlineData("", "", true)]
    [InlineData("**", "", true)]
    public void Matches_as_the_toolset_does(string pattern, string name, bool matches) => new NamePattern(pattern).Matches(name).ShouldBe(matches);

    // An empty name matches nothing there, not even *.
    [Fact]
    public void Agrees_with_the_matcher_of_the_file_system_on_stars_and_question_marks() =>
        Gen.Select(Gen.OneOf('a', 'b', '-', '*', '?').Array[1, 8].Select(letters => new string(letters)), _name.Where(name => name != ""))
            .Sample((pattern, name) =>
            new NamePattern(pattern).Matches(name) == FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false), iter: 20_000);

    [Fact]
    public void A_name_of_plain_characters_matches_itself_only() =>
        Gen.Select(_name, _name).Sample((pattern, name) => new NamePattern(pattern).Matches(name) == (pattern == name), iter: 5_000);

    // The toolset matches with Python's fnmatch, sets and all. A range from a later to
    // an earlier character is left out: each version of Python does something else.
    [Fact]
    public async Task Agrees_with_Python()
    {
        using var directory = new TempDirectory();
        var cases = new List<string[]>();
        var pattern = Gen.OneOf("a", "b", "-", "*", "?", "[", "]", "!", "[a-b]", "[!a]", "[]a]", "[!]-]", "[ab").Array[0, 6].Select(string.Concat)
            .Where(made => !Enumerable.Range(0, Math.Max(0, made.Length - 2)).Any(i => made[i + 1] == '-' && made[i] > made[i + 2]));
        Gen.Select(pattern, Gen.OneOf('a', 'b', '-', '[', ']', '!').Array[0, 6].Select(letters => new string(letters)))
            .Sample((some, name) => cases.Add([some, name]), iter: 20_000, threads: 1);
        directory.Write("cases.json", JsonSerializer.Serialize(cases));

        var printed = await ChildProcess.RunAsync(directory.Path, "python3", "-c",
            "import json, fnmatch; print(json.dumps([fnmatch.fnmatchcase(name, pattern) for pattern, name in json.load(open('cases.json'))]))");

        var expected = JsonSerializer.Deserialize<bool[]>(printed)!;
        cases.Where((given, i) => new NamePattern(given[0]).Matches(given[1]) != expected[i]).Select(given => $"{given[0]} / {given[1]}").ShouldBeEmpty();
        expected.ShouldContain(true);
    }

    [Fact]
    public void Takes_no_longer_for_a_pattern_of_many_stars()
    {
        var pattern = new NamePattern(string.Concat(Enumerable.Repeat("*a", 2_000)) + "b");

        pattern.Matches(new string('a', 20_000)).ShouldBeFalse();
    }
}
