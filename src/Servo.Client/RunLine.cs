namespace Servo.Client;

/// <summary>A line of a run's log.</summary>
public sealed class RunLine(long number, string? script, string stream, string text)
{
    /// <summary>Its number, from 1.</summary>
    public long Number { get; } = number;

    /// <summary>The script that was running; <see langword="null"/> before the first, and always from an original servo.</summary>
    public string? Script { get; } = script;

    /// <summary><c>stdout</c> for a script's words, <c>servo</c> for the gateway's own, <c>log</c> where the server does not tell; more may be added.</summary>
    public string Stream { get; } = stream;

    /// <summary>The line without its end.</summary>
    public string Text { get; } = text;

    /// <summary>The line without its end.</summary>
    public override string ToString() => Text;
}
