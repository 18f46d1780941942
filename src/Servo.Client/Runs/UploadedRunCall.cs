using Servo.Client.Bundles;

namespace Servo.Client.Runs;

/// <summary>A call that packs, signs and uploads a bundle, and follows its run.</summary>
internal sealed class UploadedRunCall(
    Gateway gateway,
    ServoCredential credential,
    ServoClientOptions options,
    RunResources resources,
    RunArguments request,
    IProgress<RunProgress>? progress,
    CancellationToken cancellationToken)
    : RunCall(gateway, resources, request.Timeout, runId: null, request.RunCancellation, cancellationToken)
{
    private PackedBundle? _archive;
    private Upload? _upload;

    protected override bool MayHaveBegun => _upload is { Completed: true };

    public override void Dispose()
    {
        base.Dispose();
        _archive?.Dispose();
    }

    protected override async Task<RunFollower> BeginAsync()
    {
        _archive = await request.OpenAsync(credential, options.Algorithm, progress, Token).ConfigureAwait(false);
        _upload = new Upload(Gateway, request, _archive, progress);
        var response = await _upload.SendAsync(options, Token).ConfigureAwait(false);

        return new RunFollower(response, Gateway, options, Resources, request.KeepLines, progress, Token);
    }
}
