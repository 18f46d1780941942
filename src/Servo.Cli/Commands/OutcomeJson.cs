using System.Text.Encodings.Web;
using System.Text.Json;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>What <c>servo run --json</c> prints: one document on one line.</summary>
internal static class OutcomeJson
{
    // The document is not part of a web page, and a person may read it.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream output, RunOutcome outcome) => Write(output, json =>
    {
        json.WriteBoolean("ok", outcome.Succeeded);
        json.WriteString("id", outcome.RunId);
        json.WriteStartArray("scripts");

        foreach (var script in outcome.Scripts)
        {
            json.WriteStartObject();
            json.WriteString("name", script.Name);
            json.WriteNumber("exitCode", script.ExitCode);
            json.WriteNumber("seconds", script.Duration.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        if (outcome.Failure is { } failure)
        {
            json.WriteStartObject("failure");
            json.WriteString("kind", failure.Kind);
            json.WriteString("detail", failure.Detail);
            json.WriteEndObject();
        }

        json.WriteStartArray("log");

        foreach (var line in outcome.Lines)
            json.WriteStringValue(line.Text);

        json.WriteEndArray();
    });

    public static void Write(Stream output, CommandFailure failure, Exception cause) => Write(output, json =>
    {
        json.WriteBoolean("ok", false);
        json.WriteStartObject("error");
        json.WriteString("kind", failure.Kind);
        json.WriteString("detail", failure.Detail);

        if (cause is ServoRequestException { StatusCode: { } status })
            json.WriteNumber("status", (int)status);

        if (RunId(cause) is { } id)
            json.WriteString("runId", id);

        json.WriteEndObject();
    });

    private static string? RunId(Exception cause) => cause switch
    {
        ServoRequestException e => e.RunId,
        InterruptedException e => e.RunId,
        _ => null,
    };

    private static void Write(Stream output, Action<Utf8JsonWriter> members)
    {
        using var json = new Utf8JsonWriter(output, _options);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
        output.Flush();
    }
}
