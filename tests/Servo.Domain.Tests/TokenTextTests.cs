namespace Servo.Domain.Tests;

public sealed class TokenTextTests
{
    [Theory]
    [InlineData("token", "token")]
    [InlineData("token\n", "token")]
    [InlineData("token\r\n", "token")]
    [InlineData("to ken+/=\n", "to ken+/=")]
    [InlineData("\uFEFFtoken", "token")]
    [InlineData("\uFEFFtoken\r\n", "token")]
    public void A_mark_before_it_and_one_line_ending_behind_it_are_no_part_of_it(string text, string token)
    {
        TokenText.Trim(text).ShouldBe(token);
        TokenText.Problem(token).ShouldBeNull();
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("token\n\n", "contains a line break")]
    [InlineData("token\r", "contains a line break")]
    [InlineData("\ntoken", "contains a line break")]
    [InlineData("to\nken", "contains a line break")]
    [InlineData("to\0ken", "contains a NUL character")]
    [InlineData(" token", "starts or ends with white space")]
    [InlineData("token \n", "starts or ends with white space")]
    [InlineData("token\t", "starts or ends with white space")]
    [InlineData("\uFEFF", "is empty")]
    [InlineData("\uFEFF\n", "is empty")]
    [InlineData("\uFEFF token", "starts or ends with white space")]
    [InlineData("token\uFEFF", "starts or ends with white space")]
    [InlineData("\uFEFF\uFEFFtoken", "starts or ends with white space")]
    [InlineData("\u00A0token", "starts or ends with white space")]
    public void Anything_else_that_nobody_sees_is_a_problem(string text, string problem) => TokenText.Problem(TokenText.Trim(text)).ShouldBe(problem);
}
