using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Writes the members that the JSON answer and the last event of a stream share.</summary>
internal static class RunJson
{
    // The answer is read by programs and terminals and never put into a page: text stays readable.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Utf8JsonWriter Writer(IBufferWriter<byte> target) => new(target, _options);

    public static void WriteMembers(Utf8JsonWriter json, Run run)
    {
        json.WriteBoolean("ok", run.Failure is null);
        json.WriteString("id", run.Id.ToString());
        json.WriteStartArray("scripts");

        foreach (var script in run.Results)
        {
            json.WriteStartObject();
            WriteScript(json, script);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        if (run.Failure is not { } failure)
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
