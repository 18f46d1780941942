namespace Servo.Client.Bundles;

/// <summary>An archive that is uploaded unchanged.</summary>
internal sealed class ExistingArchive(string path) : BundleContent
{
    private const int BufferSize = 128 * 1024;

    public override BundleContent Without(IReadOnlyList<string> patterns) =>
        throw new InvalidOperationException(
            $"Nothing can be left out of the archive '{path}', which is uploaded as it is. Make the bundle of a folder or of files.");

    public override BundleContent WithEncrypted(IReadOnlyList<string> patterns) =>
        throw new InvalidOperationException(
            $"Nothing can be encrypted in the archive '{path}', which is uploaded as it is. Make the bundle of a folder or of files.");

    public override async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        await TryListAsync(cancellationToken).ConfigureAwait(false) is { } names
            ? [.. names.Select(name => BundleNames.Clear(BundleNames.WithoutDot(name))).Distinct().OrderBy(name => name, BundleNames.Order)]
            : throw new BundleException(
                BundleError.CannotList,
                $"The archive '{path}' cannot be listed: only undamaged tar, tar.gz and zip archives can. It can still be uploaded, as "
                    + "the gateway reads more formats.");

    /// <summary>The names of the files as in the archive; <see langword="null"/> if they are unknown.</summary>
    public Task<IReadOnlyCollection<string>?> TryListAsync(CancellationToken cancellationToken) =>
        Task.Run(() => Try<IReadOnlyCollection<string>>(file => [.. ArchiveNames.Read(file, cancellationToken)]), cancellationToken);

    public override async Task PackAsync(
        Stream destination, ServoCredential? credential, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        await CheckAsync(scripts: [], progress, cancellationToken).ConfigureAwait(false);
        using var file = Open();
        await file.CopyToAsync(destination, BufferSize, cancellationToken).ConfigureAwait(false);
    }

    public override async Task<PackedBundle> OpenAsync(
        ServoCredential credential,
        SignatureAlgorithm algorithm,
        IReadOnlyList<string> scripts,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        await CheckAsync(scripts, progress, cancellationToken).ConfigureAwait(false);
        var file = Open();

        try
        {
            var signature = await Client.Signature.ComputeAsync(file, credential, algorithm, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return new PackedBundle(file, signature);
        }
        catch (IOException e)
        {
            file.Dispose();
            throw ReadableFile.Unreadable(path, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async Task CheckAsync(IReadOnlyList<string> scripts, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        if (progress is null)
        {
            // Reads the archive only until all of them were found.
            if (scripts.Count > 0)
                await Task.Run(
                    () => Try(file => new ScriptCheck(scripts, ArchiveNames.Read(file, cancellationToken)))?.ThrowIfMissing(),
                    cancellationToken).ConfigureAwait(false);

            return;
        }

        if (await TryListAsync(cancellationToken).ConfigureAwait(false) is not { } names)
            return;

        new ScriptCheck(scripts, names).ThrowIfMissing();

        foreach (var secret in ClearSecrets.Among(names))
            progress.Report(secret);
    }

    // Damage is for the gateway to judge, so all that it means here is that names are unknown.
    private T? Try<T>(Func<Stream, T> read)
        where T : class
    {
        using var file = Open();

        try
        {
            return read(file);
        }
        catch (InvalidDataException)
        {
            return null;
        }
        catch (IOException e)
        {
            throw ReadableFile.Unreadable(path, e);
        }
    }

    private FileStream Open()
    {
        if (Directory.Exists(path))
            throw new BundleException(BundleError.NotFound, $"'{path}' is a folder, not an archive. Make the bundle of a folder instead.");

        if (!File.Exists(path))
            throw new BundleException(
                BundleError.NotFound,
                $"The archive '{path}' does not exist. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.");

        try
        {
            return ReadableFile.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ReadableFile.Unreadable(path, e);
        }
    }
}
