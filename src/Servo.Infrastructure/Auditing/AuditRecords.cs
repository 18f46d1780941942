using System.Buffers;
using System.Text.Json;
using Servo.Application.Auditing;
using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Auditing;

/// <summary>
/// The form of the audit record: one JSON object a line, with the members <c>at</c> (RFC 3339, UTC, in milliseconds) and <c>event</c> first. It is ASCII:
/// whatever a name or a command holds stays inside its string, and nothing in it acts on the reader of the file.
/// </summary>
internal static class AuditRecords
{
    public static void Write(IBufferWriter<byte> target, DateTimeOffset at, AuditEvent audited)
    {
        using var json = Begin(target, at, NameOf(audited));
        json.WriteString("run"u8, audited.Run.ToString());

        switch (audited)
        {
            case AuditEvent.RunAccepted { Order: var order }:
                WriteOrder(json, order);
                break;
            case AuditEvent.RunEnded { Ended: var run }:
                WriteEnd(json, run);
                break;
            case AuditEvent.CommandForwarded command:
                json.WriteString("command"u8, command.Line.Text);
                json.WriteBoolean("files"u8, command.HasFiles);
                json.WriteString("outcome"u8, command.Outcome);
                WriteSeconds(json, command.Elapsed);
                break;
            case AuditEvent.CancelRequested cancel:
                json.WriteString("caller"u8, cancel.By);
                json.WriteString("state"u8, cancel.Reached.Name());
                break;
        }

        End(json, target);
    }

    /// <summary>Tells that events which happened in this time are missing.</summary>
    public static void WriteGap(IBufferWriter<byte> target, DateTimeOffset at, AuditGap gap)
    {
        using var json = Begin(target, at, "gap");
        json.WriteNumber("lost"u8, gap.Lost);
        LogRecords.WriteTime(json, "from"u8, gap.From);
        LogRecords.WriteTime(json, "to"u8, gap.To);
        End(json, target);
    }

    private static string NameOf(AuditEvent audited) => audited switch
    {
        AuditEvent.RunAccepted => "run-accepted",
        AuditEvent.RunStarted => "run-started",
        AuditEvent.RunEnded => "run-ended",
        AuditEvent.CommandForwarded => "portal-command",
        AuditEvent.CancelRequested => "cancel",
        _ => throw new ArgumentOutOfRangeException(nameof(audited), audited, "This event has no form."),
    };

    private static Utf8JsonWriter Begin(IBufferWriter<byte> target, DateTimeOffset at, string name)
    {
        var json = new Utf8JsonWriter(target);
        json.WriteStartObject();
        LogRecords.WriteTime(json, "at"u8, at);
        json.WriteString("event"u8, name);
        return json;
    }

    private static void End(Utf8JsonWriter json, IBufferWriter<byte> target) => LogRecords.End(json, target);

    private static void WriteOrder(Utf8JsonWriter json, RunOrder order)
    {
        json.WriteString("caller"u8, order.Caller);
        json.WriteString("sha256"u8, order.ArchiveDigest);
        json.WriteNumber("bytes"u8, order.ArchiveBytes);
        WriteStrings(json, "scripts"u8, order.Scripts);
        WriteStrings(json, "variables"u8, order.Variables.Select(variable => variable.Key));
        WriteStrings(json, "locks"u8, order.Locks.Select(named => named.ToString()));
        json.WriteBoolean("detached"u8, order.IsDetached);
    }

    private static void WriteEnd(Utf8JsonWriter json, Run run)
    {
        json.WriteString("caller"u8, run.Order.Caller);
        json.WriteString("state"u8, run.State.Name());

        if (run.Failure is { } failure)
            json.WriteString("failure"u8, failure.Kind);

        if (run is { Started: { } started, Ended: { } ended })
            WriteSeconds(json, ended - started);
    }

    private static void WriteStrings(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);

        foreach (var value in values)
            json.WriteStringValue(value);

        json.WriteEndArray();
    }

    private static void WriteSeconds(Utf8JsonWriter json, TimeSpan elapsed) => json.WriteNumber("seconds"u8, Math.Round(elapsed.TotalSeconds, 3));
}
