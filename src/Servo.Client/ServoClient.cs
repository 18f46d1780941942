using System.Runtime.CompilerServices;
using Servo.Client.Runs;

namespace Servo.Client;

/// <summary>A client of one gateway. Immutable and thread-safe: one instance can serve a whole program.</summary>
public class ServoClient
{
    private readonly Gateway _gateway = null!;
    private readonly ServoCredential _credential = null!;
    private readonly ServoClientOptions _options = null!;
    private readonly RunResources _resources = null!;

    /// <summary>Creates a test double, which overrides the methods.</summary>
    protected ServoClient()
    {
    }

    /// <summary>
    /// Creates a client of the gateway at an address such as <c>https://servo.example:5000</c>; throws <see cref="ArgumentException"/>
    /// unless it is an absolute http or https URL.
    /// </summary>
    public ServoClient(Uri gateway, ServoCredential credential)
        : this(gateway, credential, new ServoClientOptions())
    {
    }

    /// <summary>Creates a client with options; throws <see cref="ArgumentException"/> also if an option is out of range.</summary>
    public ServoClient(Uri gateway, ServoCredential credential, ServoClientOptions options)
        : this(new Gateway(gateway), credential, options)
    {
    }

    /// <summary>
    /// Creates a client that sends through the caller's <see cref="HttpClient"/>, with its proxies and certificates. Its
    /// <see cref="HttpClient.Timeout"/> should be infinite, as it includes the upload.
    /// </summary>
    public ServoClient(Uri gateway, ServoCredential credential, HttpClient httpClient, ServoClientOptions options)
        : this(new Gateway(gateway, httpClient, options is { HttpClientSendsUtf8: true }), credential, options)
    {
    }

    private ServoClient(Gateway gateway, ServoCredential credential, ServoClientOptions options)
    {
        Guard.NotNull(credential, nameof(credential));
        Guard.NotNull(options, nameof(options));
        (_gateway, _credential, _options) = (gateway, credential, options.Copy());
        _options.Validate();
        _resources = new RunResources(_gateway, _credential, _options);
    }

    /// <summary>
    /// Packs, signs and uploads a bundle, runs its scripts in order and returns the outcome; a failed script is an outcome too. Throws
    /// <see cref="BundleException"/> before anything is uploaded, <see cref="ArgumentException"/> for names that cannot be sent,
    /// <see cref="ServoRequestException"/> if there is no outcome, and <see cref="ServoRunCanceledException"/>; a run that has started
    /// continues in the gateway. Where the connection breaks, the run is followed again
    /// (<see cref="ServoClientOptions.ReconnectTimeout"/>).
    /// </summary>
    public virtual async Task<RunOutcome> RunAsync(
        Bundle bundle,
        IEnumerable<string> scripts,
        RunOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var call = CallOf(RunArguments.From(bundle, scripts, options, _gateway), progress, cancellationToken);

        return await EndAsync(call, progress).ConfigureAwait(false);
    }

    /// <summary>
    /// Does what <see cref="RunAsync"/> does and streams the run's events, the last of which has the outcome; <paramref name="progress"/>
    /// receives what happens before the run. Nothing happens before the first event is requested, and each enumeration is a new run. Throws
    /// like <see cref="RunAsync"/>, <see cref="ArgumentException"/> immediately. Leaving the enumeration closes the connection; a run that
    /// has started continues in the gateway.
    /// </summary>
    public virtual IAsyncEnumerable<RunEvent> StreamAsync(
        Bundle bundle,
        IEnumerable<string> scripts,
        RunOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        StreamAsync(RunArguments.From(bundle, scripts, options, _gateway), progress, cancellationToken);

    /// <summary>
    /// Uploads a bundle as <see cref="RunAsync"/> does and returns as soon as the gateway has accepted its run, which goes on without the
    /// caller, also across a restart of the gateway's host before it has started. Throws like <see cref="RunAsync"/>.
    /// </summary>
    public virtual async Task<RunInfo> StartAsync(
        Bundle bundle,
        IEnumerable<string> scripts,
        RunOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        await DetachedRun.StartAsync(
            _gateway, _credential, _options, RunArguments.From(bundle, scripts, options, _gateway), progress, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Returns a run by its id; throws <see cref="ServoRequestException"/> if there is no answer, or no such run
    /// (<see cref="RefusalKinds.UnknownRun"/>).
    /// </summary>
    public virtual async Task<RunInfo> GetRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        RunResources.Check(runId);

        return await _resources.GetAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns a page of the runs that the gateway keeps, newest first; throws <see cref="ServoRequestException"/>.</summary>
    public virtual async Task<RunPage> ListRunsAsync(RunQuery? query = null, CancellationToken cancellationToken = default) =>
        await _resources.ListAsync(query ?? new RunQuery(), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Asks the gateway to end a run, queued or running, and returns it with the state that it reached; a run that has ended stays as it
    /// is. Throws like <see cref="GetRunAsync"/>.
    /// </summary>
    public virtual async Task<RunInfo> CancelRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        RunResources.Check(runId);

        return await _resources.CancelAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the log of a run, as far as it has come, to a stream, which stays open: UTF-8 lines. Throws like <see cref="GetRunAsync"/>.
    /// </summary>
    public virtual async Task ReadLogAsync(string runId, Stream destination, CancellationToken cancellationToken = default)
    {
        RunResources.Check(runId);
        Guard.NotNull(destination, nameof(destination));

        await RunLog.CopyAsync(_gateway, _resources, runId, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Follows a run that exists from its first event to its end, and returns the outcome. Throws <see cref="ServoRequestException"/> if
    /// there is no outcome, and <see cref="ServoRunCanceledException"/>; the run continues in the gateway.
    /// </summary>
    public virtual async Task<RunOutcome> WaitAsync(
        string runId,
        FollowOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var call = CallOf(runId, Checked(options), progress, cancellationToken);

        return await EndAsync(call, progress).ConfigureAwait(false);
    }

    /// <summary>
    /// Does what <see cref="WaitAsync"/> does and streams the run's events, the last of which has the outcome. Leaving the enumeration
    /// closes the connection; the run continues in the gateway.
    /// </summary>
    public virtual IAsyncEnumerable<RunEvent> FollowRunAsync(
        string runId,
        FollowOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        RunResources.Check(runId);

        return FollowAsync(runId, Checked(options), progress, cancellationToken);
    }

    private async IAsyncEnumerable<RunEvent> StreamAsync(
        RunArguments request, IProgress<RunProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = CallOf(request, progress, cancellationToken);
        RunEvent next;

        do
        {
            next = await call.NextAsync().ConfigureAwait(false);
            yield return next;
        }
        while (next is not RunEvent.Completed);
    }

    private async IAsyncEnumerable<RunEvent> FollowAsync(
        string runId,
        FollowOptions options,
        IProgress<RunProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = CallOf(runId, options, progress, cancellationToken);
        RunEvent next;

        do
        {
            next = await call.NextAsync().ConfigureAwait(false);
            yield return next;
        }
        while (next is not RunEvent.Completed);
    }

    private static FollowOptions Checked(FollowOptions? options)
    {
        options ??= new FollowOptions();
        options.Validate();
        return options;
    }

    private UploadedRunCall CallOf(RunArguments request, IProgress<RunProgress>? progress, CancellationToken cancellationToken) =>
        new(_gateway, _credential, _options, _resources, request, progress, cancellationToken);

    private FollowedRunCall CallOf(
        string runId, FollowOptions options, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        RunResources.Check(runId);

        return new FollowedRunCall(_gateway, _options, _resources, runId, options, progress, cancellationToken);
    }

    private static async Task<RunOutcome> EndAsync(RunCall call, IProgress<RunProgress>? progress)
    {
        while (true)
        {
            switch (await call.NextAsync().ConfigureAwait(false))
            {
                case RunEvent.Accepted accepted:
                    progress?.Report(new RunProgress.Accepted(accepted.RunId));
                    break;
                case RunEvent.Queued queued:
                    progress?.Report(new RunProgress.Queued(queued.Position));
                    break;
                case RunEvent.Waiting waiting:
                    progress?.Report(new RunProgress.Waiting(waiting.WaitsFor));
                    break;
                case RunEvent.Started started:
                    progress?.Report(new RunProgress.Started(started.RunId));
                    break;
                case RunEvent.Output output:
                    progress?.Report(new RunProgress.Output(output.Line));
                    break;
                case RunEvent.ScriptEnded ended:
                    progress?.Report(new RunProgress.ScriptEnded(ended.Script));
                    break;
                case RunEvent.Completed completed:
                    return completed.Outcome;
            }
        }
    }
}
