using System.Text;
using System.Text.Json;

namespace Servo.Client.Runs;

/// <summary>One answer that carries a run's events, line by line, or an original servo's JSON object at the end.</summary>
internal sealed class RunAnswer(
    HttpResponseMessage response, Func<TimeSpan, CancellationToken, Task> delay, CancellationToken cancellationToken) : IDisposable
{
    private AnswerBody? _body;
    private StreamReader? _reader;

    public HttpResponseMessage Response => response;

    /// <summary>Expects heartbeats from now on.</summary>
    public void ExpectHeartbeats() => _body!.SendsHeartbeats = true;

    /// <summary>The next record; <see langword="null"/> at the answer's end.</summary>
    public async Task<JsonDocument?> NextAsync()
    {
        _reader ??= new StreamReader(await OpenAsync().ConfigureAwait(false), Encoding.UTF8);
        var line = await ReadLineAsync(_reader).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        return line is null ? null : JsonDocument.Parse(line);
    }

    public async Task<JsonDocument> ObjectAsync()
    {
        var json = await JsonDocument.ParseAsync(
            await OpenAsync().ConfigureAwait(false), cancellationToken: cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return json;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _body?.Dispose();
        response.Dispose();
    }

    private async Task<AnswerBody> OpenAsync() =>
        _body = new AnswerBody(await response.Content.ReadAsStreamAsync().ConfigureAwait(false), delay, cancellationToken);

#if NET
    private ValueTask<string?> ReadLineAsync(StreamReader reader) => reader.ReadLineAsync(cancellationToken);
#else
    private static Task<string?> ReadLineAsync(StreamReader reader) => reader.ReadLineAsync()!;
#endif
}
