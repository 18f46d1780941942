namespace Servo.Cli.Terminal;

/// <summary>The style of a line on a terminal; the number is its ECMA-48 code (SGR).</summary>
internal enum Style
{
    Plain = 0,
    Dim = 2,
    Red = 31,
}
