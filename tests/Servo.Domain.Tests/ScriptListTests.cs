namespace Servo.Domain.Tests;

public sealed class ScriptListTests
{
    [Theory]
    [InlineData("deploy.py", "deploy.py")]
    [InlineData("deploy.py+test.py", "deploy.py", "test.py")]
    [InlineData("a.py+a.py", "a.py", "a.py")]
    [InlineData("sub/x.py+../y.py", "sub/x.py", "../y.py")]
    [InlineData("a b.py+c;d.py", "a b.py", "c;d.py")]
    [InlineData(" a.py", " a.py")]
    public void Names_are_separated_by_a_plus_and_keep_their_order(string joined, params string[] names)
    {
        var list = ScriptList.Parse(joined).Value!;

        list.ShouldBe(names);
        list.Count.ShouldBe(names.Length);
        list[^1].ShouldBe(names[^1]);
        list.ToString().ShouldBe(joined);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("a.py+")]
    [InlineData("+a.py")]
    [InlineData("a.py++b.py")]
    [InlineData(" ")]
    [InlineData("a.py+ \t")]
    public void An_empty_name_is_malformed(string joined) =>
        ScriptList.Parse(joined).Refusal.ShouldBeOfType<Refusal.Malformed>().Detail.ShouldContain("empty");

    [Fact]
    public void A_nul_is_malformed() =>
        ScriptList.Parse("a.py+b\0.py").Refusal.ShouldBeOfType<Refusal.Malformed>().Detail.ShouldContain("NUL");

    [Fact]
    public void Names_that_are_given_one_by_one_may_hold_a_plus() =>
        ScriptList.From(["a+b.py", "c.py"]).Value!.ShouldBe(["a+b.py", "c.py"]);

    [Fact]
    public void An_empty_list_is_malformed() =>
        ScriptList.From([]).Refusal.ShouldBeOfType<Refusal.Malformed>();

    [Fact]
    public void An_empty_name_or_a_nul_in_a_list_is_malformed()
    {
        ScriptList.From(["a.py", ""]).Refusal.ShouldBeOfType<Refusal.Malformed>();
        ScriptList.From(["a.py", "\0"]).Refusal.ShouldBeOfType<Refusal.Malformed>();
    }

    [Fact]
    public void A_list_does_not_change_with_what_it_was_made_of()
    {
        string[] names = ["a.py"];
        var list = ScriptList.From(names).Value!;

        names[0] = "b.py";

        list.ShouldBe(["a.py"]);
    }
}
