using System.Runtime.CompilerServices;
using System.Text;

namespace Servo.OpenSsl;

/// <summary>
/// A file as <c>openssl enc</c> writes it: <c>Salted__</c>, a salt of eight bytes and at least one block of ciphertext; or base64 text of
/// that. Only the salt and the end are held in memory.
/// </summary>
internal sealed class SaltedFile
{
    /// <summary>What each file starts with, in ASCII.</summary>
    public const string Magic = "Salted__";

    public const int SaltSize = 8;

    private const int BlockSize = SecretKey.BlockSize;
    private const int PieceSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly long _start;
    private readonly bool _isBase64;
    // As long as a block, so that blocks of the file are blocks of the ciphertext.
    private readonly byte[] _header = new byte[BlockSize];
    private readonly byte[] _end = new byte[2 * BlockSize];

    private SaltedFile(Stream stream, long start, bool isBase64) => (_stream, _start, _isBase64) = (stream, start, isBase64);

    /// <summary>Bytes of ciphertext.</summary>
    public long Length { get; private set; }

    public byte[] Salt => [.. _header.Skip(Magic.Length)];

    public byte[] LastBlock => [.. _end.Skip(BlockSize)];

    /// <summary>The block before the last one; empty where there is none.</summary>
    public byte[] BlockBefore => Length > BlockSize ? [.. _end.Take(BlockSize)] : [];

    /// <summary>
    /// Reads a stream through once, from where it is; <see langword="null"/> for another format, whereas an
    /// <see cref="InvalidDataException"/> says how the file is damaged.
    /// </summary>
    public static async Task<SaltedFile?> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.Position;

        foreach (var isBase64 in new[] { false, true })
        {
            var file = new SaltedFile(stream, start, isBase64);

            if (!await file.TryReadHeaderAsync(cancellationToken).ConfigureAwait(false))
                continue;

            await file.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            return file;
        }

        return null;
    }

    /// <summary>Reads the ciphertext from its beginning, in pieces of whole blocks; each is valid until the next.</summary>
    public async IAsyncEnumerable<ArraySegment<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _stream.Position = _start;
        var decoder = _isBase64 ? new Base64Decoder() : null;
        var buffer = new byte[BlockSize + (int)Math.Min(PieceSize, _stream.Length - _start)];
        var (kept, skipped) = (0, _header.Length);

        while (decoder is not { IsDamaged: true }
            && await _stream.ReadAsync(
                buffer, kept, buffer.Length - BlockSize, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            var count = kept + (decoder is null ? read : decoder.Decode(buffer, kept, read));
            var whole = count - count % BlockSize;

            if (whole > skipped)
                yield return new ArraySegment<byte>(buffer, skipped, whole - skipped);

            if (whole > 0)
                skipped = 0;

            kept = count - whole;
            Buffer.BlockCopy(buffer, whole, buffer, 0, kept);
        }

        if (decoder is { IsDamaged: true })
            throw new InvalidDataException("its base64 text is damaged");

        if (kept > 0 || decoder is { IsWhole: false })
            throw CutShort();
    }

    /// <summary>The first bytes of the ciphertext.</summary>
    public async Task<byte[]> ReadHeadAsync(int most, CancellationToken cancellationToken)
    {
        var head = new List<byte>();

        await foreach (var piece in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            head.AddRange(piece.Take(most - head.Count));

            if (head.Count == most)
                break;
        }

        return [.. head];
    }

    private async Task<bool> TryReadHeaderAsync(CancellationToken cancellationToken)
    {
        _stream.Position = _start;
        var decoder = _isBase64 ? new Base64Decoder() : null;
        var buffer = new byte[2 * _header.Length];
        var filled = 0;

        while (filled < _header.Length && decoder is not { IsDamaged: true })
        {
            var read = await _stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false);

            if (read == 0)
                return false;

            var count = Math.Min(decoder is null ? read : decoder.Decode(buffer, 0, read), _header.Length - filled);
            Buffer.BlockCopy(buffer, 0, _header, filled, count);
            filled += count;
        }

        return filled == _header.Length && Encoding.ASCII.GetString(_header, 0, Magic.Length) == Magic;
    }

    private async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        await foreach (var piece in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var kept = Math.Min(piece.Count, _end.Length);
            Buffer.BlockCopy(_end, kept, _end, 0, _end.Length - kept);
            Buffer.BlockCopy(piece.Array!, piece.Offset + piece.Count - kept, _end, _end.Length - kept, kept);
            Length += piece.Count;
        }

        if (Length == 0)
            throw CutShort();
    }

    private static InvalidDataException CutShort() => new("it is cut short or damaged: its length is not a whole number of blocks");
}
