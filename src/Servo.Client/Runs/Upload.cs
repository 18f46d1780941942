using System.Net.Http.Headers;
using Servo.Client.Bundles;

namespace Servo.Client.Runs;

/// <summary>Sends a run's request, retries it if no run can have started, and returns the answer that contains the outcome.</summary>
internal sealed class Upload(
    Gateway gateway, RunArguments run, PackedBundle archive, IProgress<RunProgress>? progress, bool isDetached = false)
{
    // Beyond this the gateway is asked before the body is sent, so that a refusal costs no upload.
    private const long ExpectContinueBytes = 1024 * 1024;

    private int _retries;

    /// <summary>Whether the gateway may have received the whole archive and started the run.</summary>
    public bool Completed { get; private set; }

    public async Task<HttpResponseMessage> SendAsync(ServoClientOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await SendOnceAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ServoRequestException e) when (DelayAfter(e, options) is { } delay)
            {
                await WaitAsync(e, delay, options, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends the request again after a fault that came with its answer, if that may be retried; throws the fault otherwise.</summary>
    public async Task<HttpResponseMessage> SendAgainAsync(ServoRequestException fault, ServoClientOptions options, CancellationToken cancellationToken)
    {
        await WaitAsync(fault, DelayAfter(fault, options) ?? throw fault, options, cancellationToken).ConfigureAwait(false);

        return await SendAsync(options, cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan? DelayAfter(ServoRequestException fault, ServoClientOptions options) =>
        _retries < options.MaxRetries ? RetryDelay.After(fault, _retries, options.MaxRetryDelay) : null;

    private async Task WaitAsync(ServoRequestException fault, TimeSpan delay, ServoClientOptions options, CancellationToken cancellationToken)
    {
        _retries++;
        Completed = false;
        progress?.Report(new RunProgress.Retrying(fault.Description, delay));
        await options.Delay(delay, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(CancellationToken cancellationToken)
    {
        var content = new ArchiveContent(archive, progress, cancellationToken);
        using var request = CreateRequest(content);
        HttpResponseMessage response;

        try
        {
            response = await gateway.Http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFault.From(e, gateway, content);
        }
        finally
        {
            Completed = content.Completed;
        }

        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw await RefusalReader.ReadAsync(response, gateway, archive.Length, cancellationToken).ConfigureAwait(false);
    }

    private HttpRequestMessage CreateRequest(ArchiveContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"tgz\"", FileName = "\"bundle\"" };

        var request = new HttpRequestMessage(HttpMethod.Post, gateway.RunAddress(run.Scripts))
        {
            Content = new MultipartFormDataContent { content },
        };
        request.Headers.Add("X-Signature", archive.Signature);

        if (isDetached)
            request.Headers.TryAddWithoutValidation("Prefer", "respond-async");

        // An original servo knows the second only, and takes no parameter such as q.
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(RunFollower.EventsType));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(RunFollower.JsonType));

        // A connection that was kept may be closed at any moment, and then nobody could tell whether the run began.
        request.Headers.ConnectionClose = true;
        request.Headers.ExpectContinue = archive.Length > ExpectContinueBytes;

        foreach (var header in run.Variables.Concat(run.Headers))
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);

        return request;
    }
}
