using System.Text;
using CsCheck;

namespace Servo.Simulation.Tests;

public sealed class YamlReaderTests
{
    [Fact]
    public void Reads_mappings_lists_texts_and_nulls()
    {
        var yaml = Read("a: text\nb: [1, ~, \"~\", 'null', null]\nc: {d: }\ne: |\n  two\n  lines\n").ShouldNotBeNull();

        yaml["a"]!.Text.ShouldBe("text");
        yaml["b"]!.Items!.Select(item => item.Text).ShouldBe(["1", null, "~", "null", null]);
        yaml["c"]!["d"]!.HoldsNull.ShouldBeTrue();
        yaml["e"]!.Text.ShouldBe("two\nlines\n");
        yaml["f"].ShouldBeNull();
    }

    [Fact]
    public void Reads_an_alias_as_what_it_stands_for() => Read("a: &x {b: 1}\nc: *x\n")!["c"]!["b"]!.Text.ShouldBe("1");

    [Theory]
    [InlineData("on", true)]
    [InlineData("No", false)]
    [InlineData("TRUE", true)]
    [InlineData("1", null)]
    public void Reads_flags_as_YAML_1_1_does(string text, bool? flag) => Read(text)!.Flag.ShouldBe(flag);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("a: [1")]
    [InlineData("a: *unknown")]
    [InlineData("[[!![!a")]
    [InlineData(" - [\na")]
    [InlineData("? [a]\n: b")]
    public void Takes_nothing_else(string text) => Read(text).ShouldBeNull();

    [Fact]
    public void Survives_nesting_that_would_exhaust_the_stack()
    {
        Read(new string('[', 200_000)).ShouldBeNull();
        Read(string.Concat(Enumerable.Repeat("{a: ", 50_000))).ShouldBeNull();
        Read(string.Concat(Enumerable.Repeat("- ", 100_000))).ShouldBeNull();
        Read(new string('[', 50) + new string(']', 50)).ShouldNotBeNull();
        Read(new string('[', 51) + new string(']', 51)).ShouldBeNull();
    }

    [Fact]
    public void Survives_aliases_of_aliases()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");

        for (var i = 1; i < 12; i++)
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");

        Read(bomb.ToString()).ShouldBeNull();
    }

    [Fact]
    public void Never_throws_whatever_the_text() =>
        Gen.OneOf(
                "a", ":", " ", "\n", "-", "[", "]", "{", "}", "&a ", "*a", "!", "|", ">", "'", "\"", "#", "?", "%", "@", "\t", "~", ",", "é", "\0")
            .Array[0, 30]
            .Sample(pieces => { Read(string.Concat(pieces)); }, iter: 20_000);

    private static YamlValue? Read(string text) => YamlReader.Read(Encoding.UTF8.GetBytes(text));
}
