namespace Servo.Client.Bundles;

/// <summary>Where a bundle's archive comes from.</summary>
internal abstract class BundleContent
{
    public abstract BundleContent Without(IReadOnlyList<string> patterns);

    public abstract BundleContent WithEncrypted(IReadOnlyList<string> patterns);

    /// <summary>The names of the files as the scripts will see them, sorted.</summary>
    public abstract Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    public abstract Task CheckScriptsAsync(IReadOnlyList<string> scripts, CancellationToken cancellationToken);

    public abstract Task PackAsync(Stream destination, ServoCredential? credential, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    public abstract Task<PackedBundle> OpenAsync(ServoCredential credential, SignatureAlgorithm algorithm, IProgress<RunProgress>? progress, CancellationToken cancellationToken);
}
