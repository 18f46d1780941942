using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>Reads a run's outcome from its answer: from a gateway's events as they come, or from the JSON object of an original servo at the end.</summary>
internal sealed class RunFollower(Gateway gateway, bool keepLines, IProgress<RunProgress>? progress)
{
    public const string EventsType = "application/x-ndjson";
    public const string JsonType = "application/json";

    private readonly List<RunLine> _lines = [];

    /// <summary>The run's name, once it is known.</summary>
    public string? RunId { get; private set; }

    /// <summary>Reads to the end or until it is cancelled; the answer is the caller's to dispose of.</summary>
    public async Task<RunOutcome> FollowAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(response, cancellationToken);
        var cancelled = new TaskCompletionSource<RunOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Not every platform's reads can be cancelled. One that cannot is left behind, and fails unseen when its answer is disposed of.
        _ = reading.ContinueWith(static read => read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

        using (cancellationToken.Register(() => cancelled.TrySetCanceled(cancellationToken)))
            return await (await Task.WhenAny(reading, cancelled.Task).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<RunOutcome> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return response.Content.Headers.ContentType?.MediaType switch
            {
                EventsType => await ReadEventsAsync(response, cancellationToken).ConfigureAwait(false),
                JsonType => await ReadObjectAsync(response, cancellationToken).ConfigureAwait(false),
                _ => throw NotAServo(response),
            };
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The caller has hung up.", e, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Lost(e.Message, e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw NotAServo(response, e);
        }
    }

    private async Task<RunOutcome> ReadEventsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        using var reader = new StreamReader(body, Encoding.UTF8);

        while (await ReadLineAsync(reader, cancellationToken).ConfigureAwait(false) is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var json = JsonDocument.Parse(line);

            if (Take(json.RootElement) is { } outcome)
                return outcome;
        }

        throw Lost("The answer ended without a result.");
    }

#if NET
    private static ValueTask<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken) => reader.ReadLineAsync(cancellationToken);
#else
    private static Task<string?> ReadLineAsync(StreamReader reader, CancellationToken _) => reader.ReadLineAsync()!;
#endif

    private RunOutcome? Take(JsonElement json)
    {
        switch (json.GetProperty("event").GetString())
        {
            case "run":
                Begin(json.GetProperty("id").GetString()!);
                return null;
            case "line":
                Say(new RunLine(json.GetProperty("n").GetInt64(), json.GetProperty("script").GetString(), json.GetProperty("stream").GetString()!, json.GetProperty("text").GetString()!));
                return null;
            case "script":
                progress?.Report(new RunProgress.ScriptEnded(ResultJson.Script(json)));
                return null;
            case "result":
                return ResultJson.Outcome(json, _lines);
            default:
                // A later gateway may have more to tell.
                return null;
        }
    }

    private async Task<RunOutcome> ReadObjectAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var lastLine = "";
        long number = 0;

        foreach (var line in json.RootElement.GetProperty("log").EnumerateArray())
        {
            lastLine = line.GetString()!;
            Say(new RunLine(++number, script: null, "log", lastLine));
        }

        return ResultJson.Outcome(json.RootElement, _lines, lastLine);
    }

    private void Begin(string runId)
    {
        RunId = runId;
        progress?.Report(new RunProgress.Started(runId));
    }

    private void Say(RunLine line)
    {
        if (keepLines)
            _lines.Add(line);

        progress?.Report(new RunProgress.Output(line));
    }

    private ServoRequestException Lost(string why, Exception? cause = null) =>
        new(ServoRequestError.ConnectionLost, $"The connection to {gateway.Name} broke before the run had ended: {why} {RunFate.Of(RunId)}", cause) { RunId = RunId };

    private ServoRequestException NotAServo(HttpResponseMessage response, Exception? cause = null) =>
        new(ServoRequestError.NotAServo, Refusal.NotAServo(response, gateway), cause) { StatusCode = response.StatusCode, RunId = RunId };
}
