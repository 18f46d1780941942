namespace Servo.Cli.Terminal;

/// <summary>How a line looks on a terminal; the number is its code of ECMA-48 (SGR).</summary>
internal enum Style
{
    Plain = 0,
    Dim = 2,
    Red = 31,
}
