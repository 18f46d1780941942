using Servo.Application.Logs;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// Writes the run's lines as events. A line is an event once it is whole, so that heartbeats can go out while a script is in the middle of one. A longer line
/// goes out in pieces, and no other event can stand inside it: there the heartbeat is its next character, of which enough are kept back for days.
/// </summary>
internal sealed class LineEvents(EventWriter events)
{
    private const int MaxHeld = 32 * 1024;
    private const int KeptBack = MaxHeld / 2;

    private readonly HeldText _held = new();
    private (string? Script, OutputStream Stream) _line;
    private long _count;

    /// <summary>Whether a line was begun and is not written to its end.</summary>
    public bool IsOpen { get; private set; }

    public void Write(RunEvent.Line piece)
    {
        var writer = (piece.Script, piece.Stream);

        if (_line != writer)
            EndUnfinished();

        _line = writer;

        if (piece.EndsLine)
        {
            End(piece.Text.Span);
            return;
        }

        _held.Append(piece.Text.Span);

        if (_held.Length > MaxHeld)
        {
            Begin();
            WritePart(_held.Length - KeptBack);
        }
    }

    /// <summary>Writes the next characters of the open line.</summary>
    public void WritePart(int count)
    {
        events.Json.WriteStringValueSegment(_held.Take(Math.Min(count, _held.Length)), isFinalSegment: false);
        events.Commit();
    }

    /// <summary>Ends a line whose script was lost in the middle of it.</summary>
    public void EndUnfinished()
    {
        if (IsOpen || _held.Length > 0)
            End([]);
    }

    private void Begin()
    {
        if (IsOpen)
            return;

        IsOpen = true;
        events.Begin("line", ++_count);
        events.Json.WriteNumber("n", _count);
        events.Json.WriteString("script", _line.Script);
        events.Json.WriteString("stream", _line.Stream == OutputStream.Servo ? "servo" : "stdout");
        events.Json.WritePropertyName("text");
    }

    private void End(ReadOnlySpan<char> text)
    {
        Begin();

        if (_held.Length > 0)
            events.Json.WriteStringValueSegment(_held.Take(_held.Length), isFinalSegment: false);

        events.Json.WriteStringValueSegment(text, isFinalSegment: true);
        events.End();
        IsOpen = false;
    }
}
