namespace Servo.Client;

/// <summary>
/// What one run uploads: scripts and data, from a folder, a list of files or an archive that exists already. Immutable; nothing is read before it is packed.
/// Of a folder or files a tar.gz is made whose bytes depend on names, contents and execute bits only, not on order, times or owners.
/// </summary>
public sealed class Bundle
{
    internal Task CheckScriptsAsync(IReadOnlyList<string> scripts, CancellationToken cancellationToken) => throw new NotImplementedException();
    internal Task<PackedBundle> OpenAsync(ServoCredential credential, SignatureAlgorithm algorithm, IProgress<RunProgress>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    private Bundle()
    {
    }

    /// <summary>Everything in a folder but <c>.git</c> and what the patterns of <c>.servoignore</c> files exclude (the syntax of gitignore).</summary>
    public static Bundle FromDirectory(string path) => throw new NotImplementedException();

    /// <summary>An archive as it is: tar, tar.gz, tar.bz2, tar.xz, tar.zst or zip.</summary>
    public static Bundle FromArchive(string path) => throw new NotImplementedException();

    /// <summary>The files of a list.</summary>
    public static Bundle FromFiles(IEnumerable<BundleFile> files) => throw new NotImplementedException();

    /// <summary>The same bundle without what the patterns (the syntax of gitignore) match; for folders and lists of files.</summary>
    public Bundle Without(params string[] patterns) => throw new NotImplementedException();

    /// <summary>The same bundle with the files that the patterns (the syntax of gitignore) match encrypted as <c>name.aes</c> while they are packed; for folders and lists of files.</summary>
    public Bundle WithEncrypted(params string[] patterns) => throw new NotImplementedException();

    /// <summary>Names of the files as the scripts will see them, sorted by code point; throws <see cref="BundleException"/> where the bundle cannot be packed.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Writes the archive to a stream, which stays open; throws <see cref="BundleException"/> where something cannot be packed. The credential is needed only with <see cref="WithEncrypted"/>.</summary>
    public Task PackAsync(Stream destination, ServoCredential? credential = null, IProgress<RunProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
