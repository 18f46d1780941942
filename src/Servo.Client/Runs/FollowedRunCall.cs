namespace Servo.Client.Runs;

/// <summary>A call that follows a run that exists.</summary>
internal sealed class FollowedRunCall(
    Gateway gateway,
    ServoClientOptions options,
    RunResources resources,
    string runId,
    FollowOptions follow,
    IProgress<RunProgress>? progress,
    CancellationToken cancellationToken)
    : RunCall(gateway, resources, follow.Timeout, runId, follow.RunCancellation, cancellationToken)
{
    private readonly bool _keepLines = follow.KeepLines;

    protected override bool MayHaveBegun => true;

    protected override async Task<RunFollower> BeginAsync() => new(
        await Resources.EventsAsync(RunId!, Token).ConfigureAwait(false), Gateway, options, Resources, _keepLines, progress, Token);

    // What was asked for is how that run ended.
    protected override ServoRequestException? FaultOf(RunOutcome outcome) => null;

    protected override Task<RunFollower> BeginAgainAsync(ServoRequestException fault) => throw fault;
}
