using Servo.Client.Runs;

namespace Servo.Client;

/// <summary>A client of one gateway. Immutable and thread-safe: one can serve a whole program.</summary>
public class ServoClient
{
    private readonly Gateway _gateway = null!;
    private readonly ServoCredential _credential = null!;
    private readonly ServoClientOptions _options = null!;

    /// <summary>For a double that overrides the methods.</summary>
    protected ServoClient()
    {
    }

    /// <summary>Makes a client of the gateway at an address such as <c>https://servo.example:5000</c>; throws <see cref="ArgumentException"/> where that is not absolute, or neither http nor https.</summary>
    public ServoClient(Uri gateway, ServoCredential credential)
        : this(gateway, credential, new ServoClientOptions())
    {
    }

    /// <summary>Makes a client with options; throws <see cref="ArgumentException"/> also where one is out of its range.</summary>
    public ServoClient(Uri gateway, ServoCredential credential, ServoClientOptions options)
        : this(new Gateway(gateway), credential, options)
    {
    }

    /// <summary>Makes a client that sends through an <see cref="HttpClient"/> of the caller's, with its proxies and certificates; its <see cref="HttpClient.Timeout"/> should be infinite, as it counts the upload.</summary>
    public ServoClient(Uri gateway, ServoCredential credential, HttpClient httpClient, ServoClientOptions options)
        : this(new Gateway(gateway, httpClient), credential, options)
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
    /// Packs, signs and uploads a bundle, runs its scripts in order and returns how that ended; a failed script is an outcome.
    /// Throws <see cref="BundleException"/> before anything is uploaded, <see cref="ArgumentException"/> for names that cannot be sent,
    /// <see cref="ServoRequestException"/> where there is no outcome, and <see cref="OperationCanceledException"/>; a run that has begun goes on in the gateway.
    /// </summary>
    public virtual async Task<RunOutcome> RunAsync(
        Bundle bundle, IEnumerable<string> scripts, RunOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Guard.NotNull(bundle, nameof(bundle));
        options ??= new RunOptions();
        options.Validate();

        var names = ScriptNames.From(scripts);
        var variables = VariableHeaders.From(options.Variables, _gateway.SendsUtf8);
        using var limit = new TimeLimit(options.Timeout, cancellationToken);
        var follower = new RunFollower(_gateway, options.KeepLines, progress);

        try
        {
            if (options.CheckScripts)
                await bundle.CheckScriptsAsync(names.Names, limit.Token).ConfigureAwait(false);

            using var archive = await bundle.OpenAsync(_credential, _options.Algorithm, progress, limit.Token).ConfigureAwait(false);
            var upload = new Upload(_gateway, names, variables, archive, progress);
            using var response = await upload.SendAsync(_options, limit.Token).ConfigureAwait(false);

            return await follower.FollowAsync(response, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw limit.Passed(_gateway, follower.RunId, e);
        }
    }
}
