using Servo.Client.Bundles;

namespace Servo.Client;

/// <summary>
/// The scripts and data that a run uploads, from a folder, a list of files or an existing archive. Immutable; nothing is read before it is
/// packed. A folder or a list of files becomes a tar.gz whose bytes depend only on names, contents and execute bits, not on order, times or
/// owners; encrypted files differ each time by their salt. <c>.git</c> and <c>.servoignore</c> are never packed.
/// </summary>
public sealed class Bundle
{
    private readonly BundleContent _content;

    private Bundle(BundleContent content) => _content = content;

    /// <summary>Takes everything in a folder except <c>.git</c> and what <c>.servoignore</c> files exclude (gitignore syntax).</summary>
    public static Bundle FromDirectory(string path)
    {
        Guard.NotNull(path, nameof(path));

        return new Bundle(new LooseFiles(new FilesOfDirectory(path)));
    }

    /// <summary>Takes an archive unchanged: tar, tar.gz, tar.bz2, tar.xz, tar.zst or zip.</summary>
    public static Bundle FromArchive(string path)
    {
        Guard.NotNull(path, nameof(path));

        return new Bundle(new ExistingArchive(path));
    }

    /// <summary>Takes the listed files.</summary>
    public static Bundle FromFiles(IEnumerable<BundleFile> files)
    {
        Guard.NotNull(files, nameof(files));

        return new Bundle(new LooseFiles(new FilesOfList([.. files])));
    }

    /// <summary>Excludes what the patterns match (gitignore syntax); for folders and lists of files.</summary>
    public Bundle Without(params string[] patterns)
    {
        Guard.NotNull(patterns, nameof(patterns));

        return new Bundle(_content.Without(patterns));
    }

    /// <summary>
    /// Encrypts the files that the patterns match (gitignore syntax) as <c>name.aes</c> while packing; for folders and lists of files.
    /// </summary>
    public Bundle WithEncrypted(params string[] patterns)
    {
        Guard.NotNull(patterns, nameof(patterns));

        return new Bundle(_content.WithEncrypted(patterns));
    }

    /// <summary>
    /// Lists the files under the names that the scripts will see, sorted by code point; throws <see cref="BundleException"/> if the bundle
    /// cannot be packed.
    /// </summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => _content.ListAsync(cancellationToken);

    /// <summary>
    /// Writes the archive to a stream, which stays open; throws <see cref="BundleException"/> if something cannot be packed. Only
    /// <see cref="WithEncrypted"/> needs the credential.
    /// </summary>
    public Task PackAsync(
        Stream destination,
        ServoCredential? credential = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Guard.NotNull(destination, nameof(destination));

        return _content.PackAsync(destination, credential, progress, cancellationToken);
    }

    /// <summary>
    /// Packs into a private temporary file, or opens the archive that there is, and signs it on the way; throws
    /// <see cref="BundleException"/> where one of the scripts is not in the bundle, unless its names are unknown.
    /// </summary>
    internal Task<PackedBundle> OpenAsync(
        ServoCredential credential,
        SignatureAlgorithm algorithm,
        IReadOnlyList<string> scripts,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken) =>
        _content.OpenAsync(credential, algorithm, scripts, progress, cancellationToken);
}
