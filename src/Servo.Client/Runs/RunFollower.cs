using System.Net;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>
/// Reads a run's events from answers: live from a gateway, or at the end from an original servo's JSON object. Follows the run again where
/// an answer breaks off and the gateway numbers its events.
/// </summary>
internal sealed class RunFollower : IDisposable
{
    public const string EventsType = "application/x-ndjson";
    public const string JsonType = "application/json";

    private static readonly TimeSpan _longestAttempt = TimeSpan.FromSeconds(15);

    private readonly Gateway _gateway;
    private readonly ServoClientOptions _options;
    private readonly RunResources _resources;
    private readonly IProgress<RunProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly RunEventReader _reader;
    private readonly Reconnection _reconnection;
    private RunAnswer _answer;
    private Queue<RunEvent>? _ofObject;

    /// <summary>Follows a run from its first answer, which is disposed of with the follower.</summary>
    public RunFollower(
        HttpResponseMessage response,
        Gateway gateway,
        ServoClientOptions options,
        RunResources resources,
        bool keepLines,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        (_gateway, _options, _resources, _progress, _cancellationToken) = (gateway, options, resources, progress, cancellationToken);
        _reader = new RunEventReader(keepLines);
        _reconnection = new Reconnection(options.ReconnectTimeout);
        _answer = new RunAnswer(response, options.Delay, cancellationToken);
    }

    /// <summary>The run's id, once it is known.</summary>
    public string? RunId => _reader.RunId;

    /// <summary>The next event, the last of which is <see cref="RunEvent.Completed"/>.</summary>
    public async Task<RunEvent> NextAsync()
    {
        while (true)
        {
            try
            {
                return await ReadAsync().ConfigureAwait(false);
            }
            catch (ServoRequestException e) when (
                (e.Error is ServoRequestError.ConnectionLost or ServoRequestError.Unresponsive)
                && _reader is { IsNumbered: true, RunId: not null })
            {
                await ReconnectAsync(e).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _answer.Dispose();

    private async Task ReconnectAsync(ServoRequestException lost)
    {
        _answer.Dispose();
        _reconnection.Lose(_reader.LastNumber);

        while (_reconnection.Next() is { } delay)
        {
            _progress?.Report(new RunProgress.Reconnecting(lost.Description, delay));
            await Task.Delay(delay, _cancellationToken).ConfigureAwait(false);

            if (await TryConnectAsync(lost).ConfigureAwait(false))
                return;
        }

        throw lost;
    }

    private async Task<bool> TryConnectAsync(ServoRequestException lost)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken);
        attempt.CancelAfter(_longestAttempt);

        try
        {
            var response = await _resources.EventsAsync(RunId!, _reader.LastNumber, attempt.Token).ConfigureAwait(false);

            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                // The log has lost records that were seen, by a power cut, and with them the place behind which its end would come.
                response.Dispose();
                response = await _resources.EventsAsync(RunId!, after: 0, attempt.Token).ConfigureAwait(false);
            }

            _answer = new RunAnswer(response, _options.Delay, _cancellationToken);
            _reconnection.Connect();
            return true;
        }
        catch (OperationCanceledException) when (!_cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (ServoRequestException e) when (e.NothingStarted || e.Error == ServoRequestError.Unavailable)
        {
            return false;
        }
        catch (ServoRequestException e)
        {
            // The gateway has answered, and will not answer otherwise.
            throw new ServoRequestException(lost.Error, $"{e.Description} {lost.Description}", e) { RunId = RunId };
        }
    }

    private async Task<RunEvent> ReadAsync()
    {
        try
        {
            return _answer.Response.Content.Headers.ContentType?.MediaType switch
            {
                EventsType => await ReadEventAsync().ConfigureAwait(false),
                JsonType => (_ofObject ??= await ReadObjectAsync().ConfigureAwait(false)).Dequeue(),
                _ => throw NotAServo(),
            };
        }
        catch (Exception e) when (_cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The caller disposed of the run.", e, _cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw Unresponsive(e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Lost(e.Message, e);
        }
        catch (JsonException e) when (_reader.IsNumbered)
        {
            throw Lost("A line of the answer broke off.", e);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw NotAServo(e);
        }
    }

    private async Task<RunEvent> ReadEventAsync()
    {
        while (true)
        {
            if (_reader.Next() is { } next)
                return next;

            using var record = await _answer.NextAsync().ConfigureAwait(false) ?? throw Lost("The answer ended without a result.");
            _reader.Take(record.RootElement);

            if (_reader.HasHeartbeat)
                _answer.ExpectHeartbeats();
        }
    }

    private async Task<Queue<RunEvent>> ReadObjectAsync()
    {
        using var json = await _answer.ObjectAsync().ConfigureAwait(false);
        var events = new Queue<RunEvent>();
        var lastLine = "";
        long number = 0;

        foreach (var line in json.RootElement.GetProperty("log").EnumerateArray())
        {
            lastLine = line.GetString()!;
            events.Enqueue(_reader.Keep(new RunLine(++number, script: null, RunStreams.Log, lastLine)));
        }

        events.Enqueue(_reader.Complete(json.RootElement, lastLine));
        return events;
    }

    private ServoRequestException Unresponsive(Exception cause) => new(ServoRequestError.Unresponsive,
        $"{_gateway.Name} has sent no heartbeat for {AnswerBody.HeartbeatTimeout.TotalSeconds:0} seconds, although it sent one every 15 "
            + $"seconds before. {DetachedRunMessage.AfterLoss(RunId)}", cause)
    { RunId = RunId };

    private ServoRequestException Lost(string why, Exception? cause = null) => new(ServoRequestError.ConnectionLost,
        $"The connection to {_gateway.Name} broke before the run ended: {why} {DetachedRunMessage.AfterLoss(RunId)}", cause)
    { RunId = RunId };

    private ServoRequestException NotAServo(Exception? cause = null) =>
        new(ServoRequestError.NotAServo, RefusalReader.NotAServo(_answer.Response, _gateway), cause)
        {
            StatusCode = _answer.Response.StatusCode,
            RunId = RunId,
        };
}
