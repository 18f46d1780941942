namespace Servo.Domain.Tests;

public sealed class PortalCommandLineTests
{
    private const string Empty = "The command line is empty. Send it in the header X-Shell.";
    private const string Broken = "The command line holds a line break or a NUL character.";

    [Theory]
    [InlineData("ls -j", "ls -j")]
    [InlineData("  exec *web  --force\t", "exec *web  --force")]
    [InlineData("grep größe-日本-😀 \u00A0", "grep größe-日本-😀 \u00A0")]
    public void Is_the_line_without_the_blanks_that_http_would_drop(string text, string line)
    {
        PortalCommandLine.Parse(text).TryGet(out var parsed, out _).ShouldBeTrue();

        parsed!.Text.ShouldBe(line);
        parsed.ToString().ShouldBe(line);
    }

    [Theory]
    [InlineData("", Empty)]
    [InlineData("  ", Empty)]
    [InlineData(" \t", Empty)]
    [InlineData("ls\r\nX-Signature: forged", Broken)]
    [InlineData("ls\nls", Broken)]
    [InlineData("ls\n", Broken)]
    [InlineData("\rls", Broken)]
    [InlineData("ls\0", Broken)]
    [InlineData("l\0s", Broken)]
    public void Refuses_an_empty_line_and_one_that_would_start_another_header(string text, string detail) =>
        PortalCommandLine.Parse(text).Refusal.ShouldBe(new Refusal.Malformed(detail));

    [Fact]
    public void Lines_of_the_same_text_are_equal() => PortalCommandLine.Parse(" ls").Value.ShouldBe(PortalCommandLine.Parse("ls ").Value);
}
