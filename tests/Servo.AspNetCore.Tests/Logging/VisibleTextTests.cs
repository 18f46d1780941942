using Servo.AspNetCore.Logging;

namespace Servo.AspNetCore.Tests.Logging;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("deploy.py", "deploy.py")]
    [InlineData("größe €.py 🚀", "größe €.py 🚀")]
    [InlineData(@"C:\n", @"C:\n")]
    [InlineData("a\u001b[31mb", @"a\u001b[31mb")]
    [InlineData("a\r\nb\tc\0", @"a\r\nb\tc\u0000")]
    [InlineData("\u007f\u0080\u009b31m\u009f", @"\u007f\u0080\u009b31m\u009f")]
    [InlineData("a\u202eyp.b\u2066\u2069\u200f", @"a\u202eyp.b\u2066\u2069\u200f")]
    [InlineData("a\u200b\ufeff\u00ad", @"a\u200b\ufeff\u00ad")]
    [InlineData("a\u2028b\u2029c\u0085", @"a\u2028b\u2029c\u0085")]
    [InlineData("a\U000e0041", @"a\U000e0041")]
    [InlineData("a\ue000", @"a\ue000")]
    public void What_would_act_is_shown(string text, string expected) => VisibleText.Escape(text).ShouldBe(expected);

    [Fact]
    public void Half_a_character_is_shown() => VisibleText.Escape("a\ud800b\udc00").ShouldBe(@"a\ud800b\udc00");

    [Fact]
    public void Lines_stay_lines_where_they_are_meant_to() => VisibleText.EscapeLines("a\n  at b\u001b\r\n").ShouldBe("a\n  at b\\u001b\\r\n");
}
