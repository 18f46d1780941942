using System.Buffers;
using System.Text.Json;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes the events that are not in a log: how a run stands, and its end, as the store knows them.</summary>
internal static class MadeEvents
{
    /// <summary>Writes an event, but for what stands behind its closing brace.</summary>
    public static void Write(IBufferWriter<byte> target, IEventFormat format, string name, long number, Action<Utf8JsonWriter> writeMembers)
    {
        using var json = RunJson.Writer(target);
        format.Begin(target, json, name, number);
        writeMembers(json);
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>Writes what a run waits for; <see langword="false"/> where it does not wait.</summary>
    public static bool TryWriteWait(IBufferWriter<byte> target, IEventFormat format, RunRecord record, long number)
    {
        // One that is about to start has no place in the queue any more.
        if (record is { Run.State: RunState.Queued, Position: { } position })
            Write(target, format, "queued", number, json => json.WriteNumber("position", position));
        else if (record.Run.State == RunState.Waiting)
            Write(target, format, "waiting", number, json => RunJson.WriteWaitsFor(json, record.WaitsFor));
        else
            return false;

        return true;
    }

    /// <summary>Writes the end of a run.</summary>
    public static void WriteResult(IBufferWriter<byte> target, IEventFormat format, Run run, long number) =>
        Write(target, format, "result", number, json => RunJson.WriteMembers(json, run));
}
