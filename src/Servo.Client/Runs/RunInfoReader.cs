using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>Reads the documents in which a gateway describes runs.</summary>
internal static class RunInfoReader
{
    public static RunPage Page(JsonElement json) =>
        new([.. json.GetProperty("runs").EnumerateArray().Select(Info)], Text(json, "next"));

    public static RunInfo Info(JsonElement json)
    {
        var archive = Member(json, "archive");

        return new RunInfo(json.GetProperty("id").GetString()!, json.GetProperty("state").GetString()!)
        {
            Accepted = json.GetProperty("accepted").GetDateTimeOffset(),
            Started = Member(json, "started")?.GetDateTimeOffset(),
            Ended = Member(json, "ended")?.GetDateTimeOffset(),
            Position = Member(json, "position")?.GetInt32(),
            WaitsFor = WaitsFor(json),
            Scripts = [.. Items(json, "scripts").Select(Script)],
            Failure = Member(json, "failure") is { } failure ? Failure(failure) : null,
            Caller = Text(json, "caller") ?? "",
            IsDetached = Flag(json, "detached"),
            ArchiveSha256 = archive is { } named ? Text(named, "sha256") : null,
            ArchiveBytes = archive is { } sized && Member(sized, "bytes") is { } bytes ? bytes.GetInt64() : 0,
            Variables = [.. Items(json, "variables").Select(name => name.GetString()!)],
            Locks = [.. Items(json, "locks").Select(name => RunLock.Parse(name.GetString()!))],
            IsCancelRequested = Flag(json, "cancelRequested"),
        };
    }

    public static IReadOnlyList<RunLockHolder> WaitsFor(JsonElement json) =>
    [
        .. Items(json, "waitsFor").Select(
            holder => new RunLockHolder(holder.GetProperty("lock").GetString()!, holder.GetProperty("run").GetString()!)),
    ];

    private static RunFailure Failure(JsonElement json) =>
        new(json.GetProperty("kind").GetString()!, json.GetProperty("detail").GetString()!);

    private static RunScript Script(JsonElement json) => new(
        json.GetProperty("name").GetString()!,
        Member(json, "exitCode")?.GetInt32(),
        Member(json, "seconds") is { } seconds ? TimeSpan.FromSeconds(seconds.GetDouble()) : null);

    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement json, string name) => Member(json, name)?.GetString();

    private static bool Flag(JsonElement json, string name) => Member(json, name)?.GetBoolean() ?? false;

    private static JsonElement[] Items(JsonElement json, string name) =>
        Member(json, name) is { } items ? [.. items.EnumerateArray()] : [];
}
