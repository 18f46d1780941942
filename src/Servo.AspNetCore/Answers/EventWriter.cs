using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes events into a pipe, which others flush. It takes one caller at a time.</summary>
internal sealed class EventWriter(PipeWriter target, IEventFormat format) : IAsyncDisposable
{
    private bool _isWritten;

    /// <summary>Takes the members of the event that was begun.</summary>
    public Utf8JsonWriter Json { get; } = RunJson.Writer(target);

    /// <summary>The bytes of all events so far.</summary>
    public long Bytes { get; private set; }

    public void Begin(string name, long? id = null) => format.Begin(target, Json, name, id);

    public void End()
    {
        Json.WriteEndObject();
        Commit();
        Json.Reset();
        format.End(target);
    }

    /// <summary>Moves what was written of an event into the pipe.</summary>
    public void Commit()
    {
        var committed = Json.BytesCommitted;
        Json.Flush();
        Bytes += Json.BytesCommitted - committed;
        _isWritten = true;
    }

    /// <summary>Writes a heartbeat, which stands between events.</summary>
    public void WriteHeartbeat()
    {
        target.Write(format.Heartbeat);
        _isWritten = true;
    }

    /// <summary>Whether anything was written since the last call.</summary>
    public bool TakeWritten()
    {
        var written = _isWritten;
        _isWritten = false;
        return written;
    }

    public ValueTask DisposeAsync()
    {
        // Nothing is left in it, and flushing it now could meet a response that has ended.
        Json.Reset();
        return Json.DisposeAsync();
    }
}
