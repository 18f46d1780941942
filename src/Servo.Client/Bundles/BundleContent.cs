namespace Servo.Client.Bundles;

/// <summary>The source of a bundle's archive.</summary>
internal abstract class BundleContent
{
    public abstract BundleContent Without(IReadOnlyList<string> patterns);

    public abstract BundleContent WithEncrypted(IReadOnlyList<string> patterns);

    /// <summary>The names of the files as the scripts will see them, sorted.</summary>
    public abstract Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    public abstract Task PackAsync(
        Stream destination, ServoCredential? credential, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the archive and signs it; throws <see cref="BundleException"/> where a script is not in it, unless none are named or its names
    /// are unknown.
    /// </summary>
    public abstract Task<PackedBundle> OpenAsync(
        ServoCredential credential,
        SignatureAlgorithm algorithm,
        IReadOnlyList<string> scripts,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken);
}
