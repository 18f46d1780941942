namespace Servo.Client;

/// <summary>A line of a run's log.</summary>
public sealed class RunLine(long number, string? script, string stream, string text, DateTimeOffset? time = null)
{
    /// <summary>Its number, from 1.</summary>
    public long Number { get; } = number;

    /// <summary>The script that was running; <see langword="null"/> before the first, and always from an original servo.</summary>
    public string? Script { get; } = script;

    /// <summary>The line's source: one of <see cref="RunStreams"/>, or one that a later gateway adds.</summary>
    public string Stream { get; } = stream;

    /// <summary>The line without its end.</summary>
    public string Text { get; } = text;

    /// <summary>When the gateway received it; <see langword="null"/> from an older gateway.</summary>
    public DateTimeOffset? Time { get; } = time;

    /// <summary>The line without its end.</summary>
    public override string ToString() => Text;
}
