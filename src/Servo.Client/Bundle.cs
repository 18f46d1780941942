using Servo.Client.Bundles;

namespace Servo.Client;

/// <summary>
/// What one run uploads: scripts and data, from a folder, a list of files or an archive that exists already. Immutable; nothing is read before it is packed.
/// Of a folder or files a tar.gz is made whose bytes depend on names, contents and execute bits only, not on order, times or owners; files that are encrypted differ each time by their salt.
/// Neither <c>.git</c> nor a <c>.servoignore</c> is ever packed of them.
/// </summary>
public sealed class Bundle
{
    private readonly BundleContent _content;

    private Bundle(BundleContent content) => _content = content;

    /// <summary>Everything in a folder but <c>.git</c> and what the patterns of <c>.servoignore</c> files exclude (the syntax of gitignore).</summary>
    public static Bundle FromDirectory(string path)
    {
        Guard.NotNull(path, nameof(path));

        return new Bundle(new LooseFiles(new FilesOfDirectory(path)));
    }

    /// <summary>An archive as it is: tar, tar.gz, tar.bz2, tar.xz, tar.zst or zip.</summary>
    public static Bundle FromArchive(string path)
    {
        Guard.NotNull(path, nameof(path));

        return new Bundle(new ExistingArchive(path));
    }

    /// <summary>The files of a list.</summary>
    public static Bundle FromFiles(IEnumerable<BundleFile> files)
    {
        Guard.NotNull(files, nameof(files));

        return new Bundle(new LooseFiles(new FilesOfList([.. files])));
    }

    /// <summary>The same bundle without what the patterns (the syntax of gitignore) match; for folders and lists of files.</summary>
    public Bundle Without(params string[] patterns)
    {
        Guard.NotNull(patterns, nameof(patterns));

        return new Bundle(_content.Without(patterns));
    }

    /// <summary>The same bundle with the files that the patterns (the syntax of gitignore) match encrypted as <c>name.aes</c> while they are packed; for folders and lists of files.</summary>
    public Bundle WithEncrypted(params string[] patterns)
    {
        Guard.NotNull(patterns, nameof(patterns));

        return new Bundle(_content.WithEncrypted(patterns));
    }

    /// <summary>Names of the files as the scripts will see them, sorted by code point; throws <see cref="BundleException"/> where the bundle cannot be packed.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => _content.ListAsync(cancellationToken);

    /// <summary>Writes the archive to a stream, which stays open; throws <see cref="BundleException"/> where something cannot be packed. The credential is needed only with <see cref="WithEncrypted"/>.</summary>
    public Task PackAsync(Stream destination, ServoCredential? credential = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Guard.NotNull(destination, nameof(destination));

        return _content.PackAsync(destination, credential, progress, cancellationToken);
    }

    /// <summary>
    /// Packs into a private temporary file, or opens the archive that there is, and signs it on the way; throws <see cref="BundleException"/> where one of the
    /// scripts is not in the bundle, unless its names are unknown.
    /// </summary>
    internal Task<PackedBundle> OpenAsync(
        ServoCredential credential,
        SignatureAlgorithm algorithm,
        IReadOnlyList<string> scripts,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken) =>
        _content.OpenAsync(credential, algorithm, scripts, progress, cancellationToken);
}
