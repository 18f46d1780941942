namespace Servo.Application.Logs;

/// <summary>A place in a log.</summary>
/// <param name="Number">The number of the next record.</param>
/// <param name="Offset">Where the log has it, as its own answers say; -1 where that is not known.</param>
public readonly record struct LogPosition(long Number, long Offset)
{
    /// <summary>The first record.</summary>
    public static LogPosition Start { get; } = new(1, 0);

    /// <summary>The record of this number, at least 1.</summary>
    public static LogPosition Of(long number) => number == 1 ? Start : new(number, -1);
}

/// <summary>A part of a log.</summary>
/// <param name="Records">Whole records, each with its line feed; empty where there is none yet.</param>
/// <param name="Next">Where to go on.</param>
public readonly record struct LogSlice(ReadOnlyMemory<byte> Records, LogPosition Next);
