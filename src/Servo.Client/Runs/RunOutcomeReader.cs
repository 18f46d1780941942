using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>Reads a run's outcome from a gateway's last event, its JSON answer or an original servo's answer.</summary>
internal static class RunOutcomeReader
{
    /// <summary>Reads an outcome; <paramref name="lastLine"/> has the reason of a failure if the server gives it only in the log.</summary>
    public static RunOutcome Outcome(JsonElement json, IReadOnlyList<RunLine> lines, string lastLine = "") => new(
        IsOk(json.GetProperty("ok")) ? null : Failure(json, lastLine),
        json.TryGetProperty("scripts", out var scripts) ? [.. scripts.EnumerateArray().Select(Script)] : [],
        lines,
        json.TryGetProperty("id", out var id) ? id.GetString() : null);

    public static ScriptResult Script(JsonElement json) =>
        new(
            json.GetProperty("name").GetString()!,
            json.GetProperty("exitCode").GetInt32(),
            TimeSpan.FromSeconds(json.GetProperty("seconds").GetDouble()));

    // An original servo says 1 or 0.
    private static bool IsOk(JsonElement ok) => ok.ValueKind == JsonValueKind.Number ? ok.GetInt32() == 1 : ok.GetBoolean();

    private static RunFailure Failure(JsonElement json, string lastLine) =>
        json.TryGetProperty("failure", out var failure)
            ? new RunFailure(failure.GetProperty("kind").GetString()!, failure.GetProperty("detail").GetString()!)
            : new RunFailure(FailureKinds.Unknown, Reason(lastLine));

    /// <summary>What stands in the brackets of <c>failure (...)</c> or <c>unexpected failure (...)</c>.</summary>
    private static string Reason(string line)
    {
        var start = line.IndexOf("failure (", StringComparison.Ordinal);

        return start >= 0 && line.EndsWith(")", StringComparison.Ordinal)
            ? line.Substring(start + 9, line.Length - start - 10)
            : "the servo does not say why";
    }
}
