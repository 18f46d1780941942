using System.Net;

namespace Servo.Client.Runs;

/// <summary>Has a run accepted that nobody waits for.</summary>
internal static class DetachedRun
{
    public static async Task<RunInfo> StartAsync(
        Gateway gateway,
        ServoCredential credential,
        ServoClientOptions options,
        RunArguments request,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var limit = new CallLimit(request.Timeout, cancellationToken);
        using var registration = request.RunCancellation.Register(limit.Leave);
        Upload? upload = null;

        try
        {
            using var archive = await request.OpenAsync(credential, options.Algorithm, progress, limit.Token).ConfigureAwait(false);
            upload = new Upload(gateway, request, archive, progress, isDetached: true);
            using var response = await upload.SendAsync(options, limit.Token).ConfigureAwait(false);

            return response.StatusCode == HttpStatusCode.Accepted
                ? await RunResources.ReadAsync(response, gateway, RunInfoReader.Info, limit.Token).ConfigureAwait(false)
                : throw NotSupported(response, gateway);
        }
        catch (OperationCanceledException e) when (limit.Token.IsCancellationRequested)
        {
            throw limit.Passed(gateway, runId: null, upload is { Completed: true }, e);
        }
    }

    private static ServoRequestException NotSupported(HttpResponseMessage response, Gateway gateway) => new(
        ServoRequestError.NotSupported,
        $"{gateway.Name} does not detach runs: it is an original servo or an older gateway. {DetachedRunMessage.AfterLoss(null)}")
    {
        StatusCode = response.StatusCode,
    };
}
