using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>
/// Reads a run's events from the answer: live from a gateway, or at the end from an original servo's JSON object. The caller disposes of
/// the answer.
/// </summary>
internal sealed class RunFollower(
    HttpResponseMessage response,
    Gateway gateway,
    ServoClientOptions options,
    bool keepLines,
    CancellationToken cancellationToken) : IDisposable
{
    public const string EventsType = "application/x-ndjson";
    public const string JsonType = "application/json";

    private readonly List<RunLine> _lines = [];
    private AnswerBody? _body;
    private StreamReader? _reader;
    private Queue<RunEvent>? _ofObject;

    /// <summary>The run's id, once it is known.</summary>
    public string? RunId { get; private set; }

    /// <summary>The next event, the last of which is <see cref="RunEvent.Completed"/>.</summary>
    public async Task<RunEvent> NextAsync()
    {
        try
        {
            return response.Content.Headers.ContentType?.MediaType switch
            {
                EventsType => await ReadEventAsync().ConfigureAwait(false),
                JsonType => (_ofObject ??= await ReadObjectAsync().ConfigureAwait(false)).Dequeue(),
                _ => throw NotAServo(),
            };
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The caller disposed of the run.", e, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw Unresponsive(e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Lost(e.Message, e);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw NotAServo(e);
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _body?.Dispose();
    }

    private async Task<RunEvent> ReadEventAsync()
    {
        _reader ??= new StreamReader(await OpenAsync().ConfigureAwait(false), Encoding.UTF8);

        while (await ReadLineAsync(_reader).ConfigureAwait(false) is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var json = JsonDocument.Parse(line);

            if (Take(json.RootElement) is { } next)
                return next;
        }

        throw Lost("The answer ended without a result.");
    }

#if NET
    private ValueTask<string?> ReadLineAsync(StreamReader reader) => reader.ReadLineAsync(cancellationToken);
#else
    private static Task<string?> ReadLineAsync(StreamReader reader) => reader.ReadLineAsync()!;
#endif

    private RunEvent? Take(JsonElement json)
    {
        switch (json.GetProperty("event").GetString())
        {
            case "run":
                RunId = json.GetProperty("id").GetString()!;
                return new RunEvent.Started(RunId);
            case "line":
                return Keep(new RunLine(
                    json.GetProperty("n").GetInt64(),
                    json.GetProperty("script").GetString(),
                    json.GetProperty("stream").GetString()!,
                    json.GetProperty("text").GetString()!));
            case "script":
                return new RunEvent.ScriptEnded(RunOutcomeReader.Script(json));
            case "result":
                return new RunEvent.Completed(RunOutcomeReader.Outcome(json, _lines));
            case "ping":
                _body!.SendsHeartbeats = true;
                return null;
            default:
                // A later gateway may have more to tell.
                return null;
        }
    }

    private async Task<Queue<RunEvent>> ReadObjectAsync()
    {
        using var json = await JsonDocument.ParseAsync(
            await OpenAsync().ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var events = new Queue<RunEvent>();
        var lastLine = "";
        long number = 0;

        foreach (var line in json.RootElement.GetProperty("log").EnumerateArray())
        {
            lastLine = line.GetString()!;
            events.Enqueue(Keep(new RunLine(++number, script: null, RunStreams.Log, lastLine)));
        }

        events.Enqueue(new RunEvent.Completed(RunOutcomeReader.Outcome(json.RootElement, _lines, lastLine)));
        return events;
    }

    private async Task<AnswerBody> OpenAsync() =>
        _body = new AnswerBody(await response.Content.ReadAsStreamAsync().ConfigureAwait(false), options.Delay, cancellationToken);

    private RunEvent.Output Keep(RunLine line)
    {
        if (keepLines)
            _lines.Add(line);

        return new RunEvent.Output(line);
    }

    private ServoRequestException Unresponsive(Exception cause) => new(ServoRequestError.Unresponsive,
        $"{gateway.Name} has sent no heartbeat for {AnswerBody.HeartbeatTimeout.TotalSeconds:0} seconds, although it sent one every 15 "
            + $"seconds before. {DetachedRunMessage.AfterLoss(RunId)}", cause)
    { RunId = RunId };

    private ServoRequestException Lost(string why, Exception? cause = null) => new(ServoRequestError.ConnectionLost,
        $"The connection to {gateway.Name} broke before the run ended: {why} {DetachedRunMessage.AfterLoss(RunId)}", cause)
    { RunId = RunId };

    private ServoRequestException NotAServo(Exception? cause = null) =>
        new(ServoRequestError.NotAServo, RefusalReader.NotAServo(response, gateway), cause)
        {
            StatusCode = response.StatusCode,
            RunId = RunId,
        };
}
