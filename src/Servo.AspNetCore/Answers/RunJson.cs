using System.Buffers;
using System.Text.Json;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes what answers say of a run.</summary>
internal static class RunJson
{
    public static Utf8JsonWriter Writer(IBufferWriter<byte> target) => LogRecords.Writer(target);

    /// <summary>The members that the JSON answer and the last event of a stream share.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Run run)
    {
        json.WriteBoolean("ok", run.State == RunState.Succeeded);
        json.WriteString("id", run.Id.ToString());
        json.WriteStartArray("scripts");

        foreach (var script in run.Results)
        {
            json.WriteStartObject();
            LogRecords.WriteScript(json, script);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteFailure(json, run);
    }

    /// <summary>A run as the store knows it, for a request for it by its id.</summary>
    public static void WriteRecord(Utf8JsonWriter json, RunRecord record)
    {
        var run = record.Run;
        json.WriteStartObject();
        json.WriteString("id", run.Id.ToString());
        json.WriteString("state", run.State.Name());
        WriteTime(json, "accepted"u8, run.Accepted);
        WriteTime(json, "started"u8, run.Started);
        WriteTime(json, "ended"u8, run.Ended);

        if (record.Position is { } position)
            json.WriteNumber("position", position);

        if (record.WaitsFor.Count > 0)
            WriteWaitsFor(json, record.WaitsFor);

        WriteScripts(json, run);
        WriteFailure(json, run);
        json.WriteString("caller", run.Order.Caller);
        json.WriteBoolean("detached", run.Order.IsDetached);
        WriteArchive(json, run.Order);
        WriteStrings(json, "variables", run.Order.Variables.Select(variable => variable.Key));
        WriteStrings(json, "locks", run.Order.Locks.Select(named => named.ToString()));

        if (record.IsCancelRequested && !run.HasEnded)
            json.WriteBoolean("cancelRequested", true);

        json.WriteEndObject();
    }

    public static void WriteWaitsFor(Utf8JsonWriter json, IEnumerable<LockHolder> waitsFor)
    {
        json.WriteStartArray("waitsFor");

        foreach (var (name, run) in waitsFor)
        {
            json.WriteStartObject();
            json.WriteString("lock", name);
            json.WriteString("run", run.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>All scripts that were asked for, in order; those that have ended with their results.</summary>
    private static void WriteScripts(Utf8JsonWriter json, Run run)
    {
        json.WriteStartArray("scripts");

        for (var i = 0; i < run.Order.Scripts.Count; i++)
        {
            json.WriteStartObject();

            if (i < run.Results.Count)
                LogRecords.WriteScript(json, run.Results[i]);
            else
                json.WriteString("name", run.Order.Scripts[i]);

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFailure(Utf8JsonWriter json, Run run)
    {
        if (run.Failure is not { } failure)
            return;

        json.WriteStartObject("failure");
        json.WriteString("kind", failure.Kind);
        json.WriteString("detail", failure.Detail);
        json.WriteEndObject();
    }

    private static void WriteArchive(Utf8JsonWriter json, RunOrder order)
    {
        json.WriteStartObject("archive");

        if (order.ArchiveDigest.Length > 0)
            json.WriteString("sha256", order.ArchiveDigest);

        json.WriteNumber("bytes", order.ArchiveBytes);
        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);

        foreach (var value in values)
            json.WriteStringValue(value);

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at)
    {
        if (at is { } moment)
            LogRecords.WriteTime(json, name, moment);
        else
            json.WriteNull(name);
    }
}
