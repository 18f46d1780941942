using System.Security.Cryptography;
using Servo.Bundles;

namespace Servo.Client.Bundles;

/// <summary>Packs files into an archive: one thread reads them while another compresses, signs and writes.</summary>
internal sealed class LooseFiles(IFileSet files) : BundleContent
{
    private IReadOnlyList<string> ExcludedPatterns { get; init; } = [];

    private IReadOnlyList<string> EncryptedPatterns { get; init; } = [];

    public override BundleContent Without(IReadOnlyList<string> patterns) =>
        new LooseFiles(files) { ExcludedPatterns = [.. ExcludedPatterns, .. patterns], EncryptedPatterns = EncryptedPatterns };

    public override BundleContent WithEncrypted(IReadOnlyList<string> patterns) =>
        new LooseFiles(files) { ExcludedPatterns = ExcludedPatterns, EncryptedPatterns = [.. EncryptedPatterns, .. patterns] };

    public override Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => Task.Run(
        IReadOnlyList<string> () => [.. ClearNames(Find(cancellationToken)).Distinct().OrderBy(name => name, BundleNames.Order)],
        cancellationToken);

    public override async Task PackAsync(
        Stream destination, ServoCredential? credential, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        var entries = await Task.Run(() => Find(cancellationToken), cancellationToken).ConfigureAwait(false);
        await PackAsync(entries, destination, credential, signing: null, progress, cancellationToken).ConfigureAwait(false);
    }

    public override async Task<PackedBundle> OpenAsync(
        ServoCredential credential,
        SignatureAlgorithm algorithm,
        IReadOnlyList<string> scripts,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        var entries = await Task.Run(() => FindWithScripts(scripts, cancellationToken), cancellationToken).ConfigureAwait(false);
        var file = TemporaryFile.Create();

        try
        {
            using var signing = Client.Signature.Start(credential, algorithm);
            await PackAsync(entries, file, credential, signing, progress, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return new PackedBundle(file, Client.Signature.Finish(signing, algorithm));
        }
        catch (IOException e)
        {
            file.Dispose();
            throw new BundleException(
                BundleError.NoTemporarySpace,
                $"The archive cannot be written to the temporary folder '{Path.GetTempPath()}': {e.Message.TrimEnd('.')}. Free space "
                    + "there, or set TMPDIR to another folder.",
                e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static async Task PackAsync(
        List<Entry> entries,
        Stream destination,
        ServoCredential? credential,
        IncrementalHash? signing,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        Check(entries, destination, credential);

        if (progress is not null)
            ReportClearSecrets(entries, progress);

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var pipe = new BlockPipe();
        using var gzip = new GzipBuffer();
        // A thread of its own, as it waits for disks and for the other one.
        var reading = Task.Factory.StartNew(
            () => Read(entries, pipe, credential, progress, failed.Token),
            failed.Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        try
        {
            while (await pipe.ReceiveAsync(cancellationToken).ConfigureAwait(false) is var (block, count))
            {
                var bytes = gzip.Compress(block, count);
                pipe.Return(block);
                await WriteAsync(bytes).ConfigureAwait(false);
            }
        }
        catch
        {
            Stop();
            await Task.WhenAny(reading).ConfigureAwait(false);
            throw;
        }

        // Throws what the reading met, before the archive gets an end that makes it look whole.
        await reading.ConfigureAwait(false);
        await WriteAsync(gzip.Finish()).ConfigureAwait(false);
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);

        void Stop() => failed.Cancel();

        async Task WriteAsync(ArraySegment<byte> bytes)
        {
            signing?.AppendData(bytes.Array!, bytes.Offset, bytes.Count);
            await destination.WriteAsync(bytes.Array!, bytes.Offset, bytes.Count, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Check(List<Entry> entries, Stream destination, ServoCredential? credential)
    {
        if (credential is null && entries.FirstOrDefault(entry => entry.IsEncrypted) is { } secret)
        {
            throw new BundleException(BundleError.CredentialRequired, $"'{secret.Name}' must be encrypted, which needs the servo token.")
            {
                Hint = "Pass a ServoCredential.",
            };
        }

        if (destination is FileStream archive
            && entries.FirstOrDefault(entry => Path.GetFullPath(entry.Path) == archive.Name) is { } itself)
        {
            throw new BundleException(
                BundleError.OutputInBundle,
                $"'{itself.Path}' is the archive that is being written. Write it outside of the folder, or exclude it.")
            {
                Hint = BundleException.Without,
            };
        }
    }

    private static void Read(
        List<Entry> entries,
        BlockPipe pipe,
        ServoCredential? credential,
        IProgress<RunProgress>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            new TarPacker(new BlockWriter(pipe, cancellationToken), credential, progress, cancellationToken).Pack(entries);
        }
        finally
        {
            pipe.Complete();
        }
    }

    private static void ReportClearSecrets(List<Entry> entries, IProgress<RunProgress> progress)
    {
        var names = entries.Where(entry => entry.Kind != EntryKind.Directory).Select(entry => entry.NameInArchive);

        foreach (var secret in ClearSecrets.Among(names))
            progress.Report(secret);
    }

    private static IEnumerable<string> ClearNames(List<Entry> entries) =>
        entries.Where(entry => entry.Kind != EntryKind.Directory).Select(ClearName);

    private static string ClearName(Entry entry)
    {
        var clear = BundleNames.Clear(entry.NameInArchive);

        return clear != entry.Name && IsAppleDouble(entry) ? entry.Name : clear;
    }

    // The gateway leaves alone what macOS keeps of a secret besides its content.
    private static bool IsAppleDouble(Entry entry)
    {
        if (entry.Kind != EntryKind.File || !AppleDouble.IsName(entry.Name))
            return false;

        try
        {
            using var file = ReadableFile.Open(entry.Path);
            return AppleDouble.IsStartOf(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ReadableFile.Unreadable(entry.Path, e);
        }
    }

    private List<Entry> FindWithScripts(IReadOnlyList<string> scripts, CancellationToken cancellationToken)
    {
        var entries = Find(cancellationToken);

        new ScriptCheck(scripts, ClearNames(entries)).ThrowIfMissing();

        return entries;
    }

    private List<Entry> Find(CancellationToken cancellationToken)
    {
        var entries = EncryptedFiles.Mark(files.Find(ExcludedPatterns, cancellationToken), EncryptedPatterns);

        if (entries.All(entry => entry.Kind == EntryKind.Directory))
            throw new BundleException(BundleError.Empty, files.Nothing);

        LinkCheck.Check(entries);
        entries.Sort((left, right) => BundleNames.Order.Compare(left.NameInArchive, right.NameInArchive));
        return entries;
    }
}
