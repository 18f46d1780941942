using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Servo.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>
/// A file as <c>openssl enc</c> writes it: <c>Salted__</c>, a salt of eight bytes and at least one block of ciphertext; or base64 text of that.
/// Nothing of it is held in memory but the salt and the end.
/// </summary>
internal sealed class SaltedFile
{
    /// <summary>The most bytes that <see cref="ReadAsync"/> hands out at once.</summary>
    public const int PieceSize = 64 * 1024;

    private const int BlockSize = SecretKey.BlockSize;

    private readonly string _path;
    private readonly byte[] _header = new byte[16];
    private readonly byte[] _end = new byte[2 * BlockSize];
    private bool _isBase64;

    private SaltedFile(string path) => _path = path;

    /// <summary>Bytes of ciphertext.</summary>
    public long Length { get; private set; }

    public byte[] Salt => _header[8..];

    public ReadOnlySpan<byte> LastBlock => _end.AsSpan(BlockSize);

    /// <summary>The block before the last one; empty where there is none.</summary>
    public ReadOnlySpan<byte> BlockBefore => Length > BlockSize ? _end.AsSpan(0, BlockSize) : [];

    /// <summary>
    /// Reads a file through once; <see langword="null"/> for one of another format, whereas an <see cref="InvalidDataException"/> says in words for the caller
    /// how it is damaged.
    /// </summary>
    public static async Task<SaltedFile?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var file = new SaltedFile(path);

        if (!await TryReadHeaderAsync(file, cancellationToken))
            return null;

        await file.ReadToEndAsync(cancellationToken);
        return file;
    }

    /// <summary>Reads the ciphertext from its beginning, in pieces of <see cref="PieceSize"/>, the last of which may be shorter; each is valid until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var bytes = OpenBytes();
        await bytes.ReadExactlyAsync(new byte[_header.Length], cancellationToken);

        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);

        try
        {
            while (await bytes.ReadAtLeastAsync(buffer.AsMemory(0, PieceSize), PieceSize, throwOnEndOfStream: false, cancellationToken) is > 0 and var read)
                yield return buffer.AsMemory(0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What is needed to guess at why the token does not open it.</summary>
    public async Task<UnopenedSecret> ToUnopenedAsync(CancellationToken cancellationToken)
    {
        await using var bytes = OpenBytes();
        await bytes.ReadExactlyAsync(new byte[_header.Length], cancellationToken);
        var head = new byte[Math.Min(UnopenedSecret.HeadSize, Length)];
        await bytes.ReadExactlyAsync(head, cancellationToken);

        return new UnopenedSecret(Salt, head, [.. BlockBefore, .. LastBlock], Length);
    }

    private static async Task<bool> TryReadHeaderAsync(SaltedFile file, CancellationToken cancellationToken)
    {
        if (await file.HasMagicAsync(cancellationToken))
            return true;

        file._isBase64 = true;

        try
        {
            return await file.HasMagicAsync(cancellationToken);
        }
        catch (FormatException)
        {
            // Not base64 text from its very beginning: some other file.
            return false;
        }
    }

    private async Task<bool> HasMagicAsync(CancellationToken cancellationToken)
    {
        await using var bytes = OpenBytes();
        var read = await bytes.ReadAtLeastAsync(_header, _header.Length, throwOnEndOfStream: false, cancellationToken);

        return read == _header.Length && _header.AsSpan().StartsWith("Salted__"u8);
    }

    private async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var piece in ReadAsync(cancellationToken))
                Append(piece.Span);
        }
        catch (FormatException)
        {
            throw new InvalidDataException("its base64 text is damaged");
        }

        if (Length == 0 || Length % BlockSize != 0)
            throw new InvalidDataException("it is cut short or damaged: its length is not a whole number of blocks");
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        var kept = piece[^Math.Min(piece.Length, _end.Length)..];
        _end.AsSpan(kept.Length).CopyTo(_end);
        kept.CopyTo(_end.AsSpan(_end.Length - kept.Length));
        Length += piece.Length;
    }

    private Stream OpenBytes()
    {
        var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, FileOptions.Asynchronous);

        // The transform drops up to three characters of an unfinished last group; what is then missing shows in the length.
        return _isBase64 ? new CryptoStream(file, new FromBase64Transform(FromBase64TransformMode.IgnoreWhiteSpaces), CryptoStreamMode.Read) : file;
    }
}
