using System.Text;

namespace Servo.Client.Secrets;

/// <summary>What <c>openssl enc</c> writes: <c>Salted__</c>, a salt and ciphertext; or base64 text of that. Only the salt and the end are held in memory.</summary>
internal sealed class SaltedFile
{
    public const int BlockSize = 16;

    public const int SaltLength = 8;

    private const int PieceSize = 64 * 1024;
    private const int HeaderLength = 8 + SaltLength;

    private readonly Stream _stream;
    private readonly long _start;
    private readonly bool _isBase64;

    private SaltedFile(Stream stream, long start, bool isBase64) => (_stream, _start, _isBase64) = (stream, start, isBase64);

    public byte[] Salt { get; } = new byte[SaltLength];

    /// <summary>Bytes of ciphertext.</summary>
    public long Length { get; private set; }

    /// <summary>The last block, and the one before it if there is one.</summary>
    public byte[] End { get; private set; } = [];

    /// <summary>Reads a stream through, from where it is; an <see cref="InvalidDataException"/> says why that is no secret.</summary>
    public static async Task<SaltedFile> OpenAsync(Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        var magic = new byte[8];
        var isBinary = await FillAsync(stream, magic, cancellationToken).ConfigureAwait(false) == magic.Length && Encoding.ASCII.GetString(magic) == "Salted__";
        var file = new SaltedFile(stream, start, isBase64: !isBinary);
        await file.ReadAsync(
            (piece, length) =>
            {
                file.Keep(piece, length);
                return Task.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);

        if (file.Length == 0 || file.Length % BlockSize != 0)
            throw new InvalidDataException("The secret is cut short or damaged: its length is not a whole number of blocks.");

        return file;
    }

    /// <summary>Reads the ciphertext from its beginning, in pieces of whole blocks, but for the last of a damaged file; each is valid during the call.</summary>
    public async Task ReadAsync(Func<byte[], int, Task> take, CancellationToken cancellationToken)
    {
        _stream.Position = _start;
        var decoder = _isBase64 ? new Base64Decoder() : null;
        var buffer = new byte[PieceSize];
        var piece = new byte[PieceSize + BlockSize];
        var (kept, hasHeader) = (0, false);

        while (await _stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            var count = decoder is null ? read : decoder.Decode(buffer, read);
            Buffer.BlockCopy(buffer, 0, piece, kept, count);
            kept += count;

            if (!hasHeader && kept >= HeaderLength)
            {
                TakeHeader(piece);
                hasHeader = true;
                Drop(HeaderLength);
            }

            var whole = hasHeader ? kept / BlockSize * BlockSize : 0;

            if (whole > 0)
                await take(piece, whole).ConfigureAwait(false);

            Drop(whole);
        }

        if (!hasHeader)
            throw NotSalted();

        if (decoder is { IsWhole: false })
            throw new InvalidDataException("The secret's base64 text is cut short.");

        if (kept > 0)
            await take(piece, kept).ConfigureAwait(false);

        void Drop(int count)
        {
            kept -= count;
            Buffer.BlockCopy(piece, count, piece, 0, kept);
        }
    }

    /// <summary>The first bytes of the ciphertext.</summary>
    public async Task<byte[]> ReadHeadAsync(int most, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        await ReadAsync(
            (piece, length) =>
            {
                head.AddRange(piece.Take(Math.Min(length, most - head.Count)));
                return Task.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);

        return [.. head];
    }

    private void TakeHeader(byte[] bytes)
    {
        if (Encoding.ASCII.GetString(bytes, 0, 8) != "Salted__")
            throw NotSalted();

        Buffer.BlockCopy(bytes, 8, Salt, 0, Salt.Length);
    }

    private static InvalidDataException NotSalted() => new("The secret is not in the format of openssl enc -aes-256-cbc.");

    private void Keep(byte[] piece, int length)
    {
        Length += length;
        var joined = End.Concat(piece.Skip(Math.Max(0, length - 2 * BlockSize)).Take(Math.Min(length, 2 * BlockSize))).ToArray();
        End = [.. joined.Skip(Math.Max(0, joined.Length - 2 * BlockSize))];
    }

    /// <summary>Reads until a buffer is full or the stream ends, and returns how many bytes that gave.</summary>
    public static async Task<int> FillAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        var filled = 0;

        while (filled < buffer.Length && await stream.ReadAsync(buffer, filled, buffer.Length - filled, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            filled += read;

        return filled;
    }
}
