namespace Servo.Client;

/// <summary>A client of one gateway. Immutable and thread-safe: one can serve a whole program.</summary>
public class ServoClient
{
    /// <summary>For a double that overrides the methods.</summary>
    protected ServoClient()
    {
    }

    /// <summary>Makes a client of the gateway at an address such as <c>https://servo.example:5000</c>.</summary>
    public ServoClient(Uri gateway, ServoCredential credential)
        : this(gateway, credential, new ServoClientOptions())
    {
    }

    /// <summary>Makes a client with options.</summary>
    public ServoClient(Uri gateway, ServoCredential credential, ServoClientOptions options) => throw new NotImplementedException();

    /// <summary>Makes a client that sends through an <see cref="HttpClient"/> of the caller's, with its proxies and certificates; its <see cref="HttpClient.Timeout"/> should be infinite, as it counts the upload.</summary>
    public ServoClient(Uri gateway, ServoCredential credential, HttpClient httpClient, ServoClientOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Packs, signs and uploads a bundle, runs its scripts in order and returns how that ended; a failed script is an outcome.
    /// Throws <see cref="BundleException"/> before anything is uploaded, <see cref="ArgumentException"/> for names that cannot be sent,
    /// <see cref="ServoRequestException"/> where there is no outcome, and <see cref="OperationCanceledException"/>; a run that has begun goes on in the gateway.
    /// </summary>
    public virtual Task<RunOutcome> RunAsync(
        Bundle bundle, IEnumerable<string> scripts, RunOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
