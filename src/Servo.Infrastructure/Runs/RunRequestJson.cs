using System.Text.Json;
using System.Text.Json.Serialization;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Runs;

/// <summary>What a run was accepted for, as JSON; its variables and its key are kept apart.</summary>
internal sealed record RunRequestJson(
    IReadOnlyList<string> Scripts,
    IReadOnlyList<string> VariableNames,
    IReadOnlyList<string> Locks,
    TimeSpan? Timeout,
    TimeSpan? QueueTimeout,
    string Caller,
    string ArchiveDigest,
    long ArchiveBytes)
{
    public static string Write(RunOrder order) => JsonSerializer.Serialize(
        new RunRequestJson(
            order.Scripts,
            [.. order.Variables.Select(variable => variable.Key)],
            [.. order.Locks.Select(each => each.ToString())],
            order.Timeout,
            order.QueueTimeout,
            order.Caller,
            order.ArchiveDigest,
            order.ArchiveBytes),
        RunRequestJsonContext.Default.RunRequestJson);

    public static string? WriteVariables(RunVariables variables) =>
        variables.Count == 0
            ? null
            : JsonSerializer.Serialize(new Dictionary<string, string>(variables), RunRequestJsonContext.Default.DictionaryStringString);

    public static string WriteResults(IReadOnlyList<ScriptResult> results) =>
        JsonSerializer.Serialize(results, RunRequestJsonContext.Default.IReadOnlyListScriptResult);

    public static IReadOnlyList<ScriptResult> ReadResults(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, RunRequestJsonContext.Default.IReadOnlyListScriptResult)!;

    /// <summary>Reads it; without values only the names of the variables are known.</summary>
    public static RunOrder Read(string json, string? variables, bool isDetached, IdempotencyKey? key)
    {
        var request = JsonSerializer.Deserialize(json, RunRequestJsonContext.Default.RunRequestJson)!;

        var values = variables is null
            ? request.VariableNames.Select(name => KeyValuePair.Create(name, ""))
            : JsonSerializer.Deserialize(variables, RunRequestJsonContext.Default.DictionaryStringString)!;

        return new RunOrder(Known(ScriptList.From(request.Scripts)), RunVariables.Restore(values))
        {
            Locks = Known(RunLock.Parse(request.Locks)),
            Timeout = request.Timeout,
            QueueTimeout = request.QueueTimeout,
            Caller = request.Caller,
            ArchiveDigest = request.ArchiveDigest,
            ArchiveBytes = request.ArchiveBytes,
            IsDetached = isDetached,
            Key = key,
        };
    }

    private static T Known<T>(Result<T> kept)
        where T : notnull =>
        kept.TryGet(out var value, out var refusal) ? value : throw new InvalidDataException(refusal.Detail);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunRequestJson))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<ScriptResult>))]
internal sealed partial class RunRequestJsonContext : JsonSerializerContext;
