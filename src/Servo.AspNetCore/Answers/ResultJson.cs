using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Application.Logs;
using Servo.Application.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes the members that the JSON answer and the last event of a stream share.</summary>
internal static class ResultJson
{
    // The answer is read by programs and terminals and never put into a page: text stays readable.
    // Validation is off, as the log is written by a writer of its own between two members.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Utf8JsonWriter Writer(IBufferWriter<byte> target) => new(target, _options);

    public static Utf8JsonWriter StartArray(Stream target)
    {
        var writer = new Utf8JsonWriter(target, _options);
        writer.WriteStartArray();
        return writer;
    }

    public static void WriteMembers(Utf8JsonWriter json, RunReport report, IEnumerable<ScriptResult> scripts)
    {
        json.WriteBoolean("ok", report.Failure is null);
        json.WriteString("id", report.Id);
        json.WriteStartArray("scripts");

        foreach (var script in scripts)
        {
            json.WriteStartObject();
            WriteScript(json, script);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        if (report.Failure is not { } failure)
            return;

        json.WriteStartObject("failure");
        json.WriteString("kind", failure.Kind);
        json.WriteString("detail", failure.Detail);
        json.WriteEndObject();
    }

    public static void WriteScript(Utf8JsonWriter json, ScriptResult script)
    {
        json.WriteString("name", script.Name);
        json.WriteNumber("exitCode", script.ExitCode);
        json.WriteNumber("seconds", Math.Round(script.Elapsed.TotalSeconds, 3));
    }
}
