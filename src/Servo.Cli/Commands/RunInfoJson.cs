using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Runs as JSON: the members that the gateway's own documents have.</summary>
internal static class RunInfoJson
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document on one line.</summary>
    public static void Write(Stream output, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(output, _options);
        write(json);
        json.Flush();
        output.Write("\n"u8);
        output.Flush();
    }

    public static void Write(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartObject();
        json.WriteString("id", run.Id);
        json.WriteString("state", run.State);
        WriteTime(json, "accepted", run.Accepted);
        WriteTime(json, "started", run.Started);
        WriteTime(json, "ended", run.Ended);

        if (run.Position is { } position)
            json.WriteNumber("position", position);

        if (run.WaitsFor.Count > 0)
            WriteWaitsFor(json, run);

        WriteScripts(json, run);

        if (run.Failure is { } failure)
        {
            json.WriteStartObject("failure");
            json.WriteString("kind", failure.Kind);
            json.WriteString("detail", failure.Detail);
            json.WriteEndObject();
        }

        json.WriteString("caller", run.Caller);
        json.WriteBoolean("detached", run.IsDetached);
        json.WriteStartObject("archive");

        if (run.ArchiveSha256 is { } digest)
            json.WriteString("sha256", digest);

        json.WriteNumber("bytes", run.ArchiveBytes);
        json.WriteEndObject();
        WriteStrings(json, "variables", run.Variables);
        WriteStrings(json, "locks", run.Locks.Select(each => each.ToString()));

        if (run.IsCancelRequested)
            json.WriteBoolean("cancelRequested", true);

        json.WriteEndObject();
    }

    private static void WriteWaitsFor(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartArray("waitsFor");

        foreach (var holder in run.WaitsFor)
        {
            json.WriteStartObject();
            json.WriteString("lock", holder.Name);
            json.WriteString("run", holder.RunId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteScripts(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartArray("scripts");

        foreach (var script in run.Scripts)
        {
            json.WriteStartObject();
            json.WriteString("name", script.Name);

            if (script.ExitCode is { } code)
                json.WriteNumber("exitCode", code);

            if (script.Duration is { } duration)
                json.WriteNumber("seconds", duration.TotalSeconds);

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);

        foreach (var value in values)
            json.WriteStringValue(value);

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
            json.WriteString(name, RunText.Time(moment));
        else
            json.WriteNull(name);
    }
}
