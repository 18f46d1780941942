using Servo.Client.Secrets;

namespace Servo.Client.Bundles;

/// <summary>Writes entries as a tar archive and encrypts those that are marked.</summary>
internal sealed class TarPacker(
    BlockWriter output, ServoCredential? credential, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
{
    private static readonly byte[] s_zeros = new byte[2 * TarHeader.BlockSize];

    private readonly byte[] _clear = new byte[SecretEncryptor.PieceSize];

    public void Pack(IReadOnlyList<Entry> entries)
    {
        var files = 0;

        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();

            if (entry.Kind != EntryKind.File)
            {
                output.Write(TarHeader.Of(entry, 0));
                continue;
            }

            PackFile(entry);
            progress?.Report(new RunProgress.Packed(entry.NameInArchive, ++files));
        }

        output.Write(s_zeros);
        output.Flush();
    }

    private void PackFile(Entry entry)
    {
        try
        {
            using var file = ReadableFile.Open(entry.Path);
            var length = file.Length;
            var packed = entry.IsEncrypted ? SecretEncryptor.LengthOf(length) : length;
            output.Write(TarHeader.Of(entry, packed));

            if (!(entry.IsEncrypted ? TryEncrypt(file, length) : output.TryCopy(file, length)))
                throw new BundleException(
                    BundleError.FileChanged,
                    $"'{entry.Path}' changed its size while it was packed. Pack again when nothing writes to it, or exclude it.")
                {
                    Hint = BundleException.Without,
                };

            output.Write(s_zeros, 0, TarHeader.PaddingAfter(packed));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ReadableFile.Unreadable(entry.Path, e);
        }
    }

    private bool TryEncrypt(FileStream file, long length)
    {
        using var encryptor = new SecretEncryptor(credential!);
        int read;

        while ((read = file.Read(_clear, 0, _clear.Length)) > 0 && (length -= read) >= 0)
            Write(encryptor.Append(_clear, read));

        if (length != 0)
            return false;

        Write(encryptor.Finish());
        Array.Clear(_clear, 0, _clear.Length);
        return true;

        void Write(ArraySegment<byte> text) => output.Write(text.Array!, text.Offset, text.Count);
    }
}
