using Servo.Client.Bundles;

namespace Servo.Client.Runs;

/// <summary>
/// One call of a client: packs, signs and uploads when the first event is requested, and closes the connection on disposal; the run
/// continues without it.
/// </summary>
internal sealed class RunCall(
    Gateway gateway,
    ServoCredential credential,
    ServoClientOptions options,
    RunArguments request,
    IProgress<RunProgress>? progress,
    CancellationToken cancellationToken) : IDisposable
{
    private readonly CallLimit _limit = new(request.Timeout, cancellationToken);
    private PackedBundle? _archive;
    private Upload? _upload;
    private HttpResponseMessage? _response;
    private RunFollower? _follower;

    /// <summary>The next event, the last of which is <see cref="RunEvent.Completed"/>.</summary>
    public async Task<RunEvent> NextAsync()
    {
        try
        {
            _follower ??= await BeginAsync().ConfigureAwait(false);
            return await _follower.NextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (_limit.Token.IsCancellationRequested)
        {
            throw _limit.Passed(gateway, _follower?.RunId, _upload is { Completed: true }, e);
        }
    }

    public void Dispose()
    {
        _follower?.Dispose();
        _response?.Dispose();
        _archive?.Dispose();
        _limit.Dispose();
    }

    private async Task<RunFollower> BeginAsync()
    {
        var checkedScripts = request.CheckScripts ? request.Scripts.Names : [];
        _archive = await request.Bundle.OpenAsync(
            credential, options.Algorithm, checkedScripts, progress, _limit.Token).ConfigureAwait(false);
        _upload = new Upload(gateway, request, _archive, progress);
        _response = await _upload.SendAsync(options, _limit.Token).ConfigureAwait(false);

        return new RunFollower(_response, gateway, options, request.KeepLines, _limit.Token);
    }
}
