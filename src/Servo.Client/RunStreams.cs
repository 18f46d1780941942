namespace Servo.Client;

/// <summary>The values of <see cref="RunLine.Stream"/> that are known today; a later gateway may send more.</summary>
public static class RunStreams
{
    /// <summary>A script's standard output or standard error.</summary>
    public const string StandardOutput = "stdout";

    /// <summary>The gateway's own messages about the run.</summary>
    public const string Servo = "servo";

    /// <summary>The log of a server that does not distinguish the two, such as an original servo.</summary>
    public const string Log = "log";
}
