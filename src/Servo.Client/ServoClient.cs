using System.Runtime.CompilerServices;
using Servo.Client.Runs;

namespace Servo.Client;

/// <summary>A client of one gateway. Immutable and thread-safe: one instance can serve a whole program.</summary>
public class ServoClient
{
    private readonly Gateway _gateway = null!;
    private readonly ServoCredential _credential = null!;
    private readonly ServoClientOptions _options = null!;

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
    }

    /// <summary>
    /// Packs, signs and uploads a bundle, runs its scripts in order and returns the outcome; a failed script is an outcome too. Throws
    /// <see cref="BundleException"/> before anything is uploaded, <see cref="ArgumentException"/> for names that cannot be sent,
    /// <see cref="ServoRequestException"/> if there is no outcome, and <see cref="ServoRunCanceledException"/>; a run that has started
    /// continues in the gateway.
    /// </summary>
    public virtual async Task<RunOutcome> RunAsync(
        Bundle bundle,
        IEnumerable<string> scripts,
        RunOptions? options = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var call = new RunCall(
            _gateway, _credential, _options, RunArguments.From(bundle, scripts, options, _gateway), progress, cancellationToken);

        while (true)
        {
            switch (await call.NextAsync().ConfigureAwait(false))
            {
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

    private async IAsyncEnumerable<RunEvent> StreamAsync(
        RunArguments request, IProgress<RunProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = new RunCall(_gateway, _credential, _options, request, progress, cancellationToken);
        RunEvent next;

        do
        {
            next = await call.NextAsync().ConfigureAwait(false);
            yield return next;
        }
        while (next is not RunEvent.Completed);
    }
}
