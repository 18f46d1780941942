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

        return Follow(await _upload.SendAsync(options, Token).ConfigureAwait(false));
    }

    protected override ServoRequestException? FaultOf(RunOutcome outcome) => GivenUpRun.FaultOf(outcome, Gateway);

    protected override async Task<RunFollower> BeginAgainAsync(ServoRequestException fault) =>
        request.RunCancellation.IsCancellationRequested
            ? throw fault
            : Follow(await _upload!.SendAgainAsync(fault, options, Token).ConfigureAwait(false));

    private RunFollower Follow(HttpResponseMessage response) => new(response, Gateway, options, Resources, request.KeepLines, progress, Token);
}
