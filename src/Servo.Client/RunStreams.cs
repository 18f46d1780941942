namespace Servo.Client;

/// <summary>The values of <see cref="RunLine.Stream"/> that are known today; a later gateway may send more.</summary>
public static class RunStreams
{
    /// <summary>What a script prints, on standard output or standard error.</summary>
    public const string StandardOutput = "stdout";

    /// <summary>What the gateway itself says of the run.</summary>
    public const string Servo = "servo";

    /// <summary>The log of a server that does not tell the two apart, as an original servo.</summary>
    public const string Log = "log";
}
