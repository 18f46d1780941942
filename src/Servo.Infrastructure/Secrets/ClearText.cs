using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Servo.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>What a secret reads under one key; the key is wiped on disposal, and so is each piece of text once it was handed on.</summary>
internal sealed class ClearText(SaltedFile secret, KeyDerivation derivation, byte[] password) : IDisposable
{
    private const int BlockSize = SecretKey.BlockSize;

    private readonly SecretKey _key = new(derivation, password, secret.Salt);

    /// <summary>Bytes of padding at the end, from 1 to 16; <see langword="null"/> where the key does not open the secret, as far as the padding tells.</summary>
    public int? Padding => _key.Padding(secret.LastBlock, secret.BlockBefore);

    /// <summary>Decrypts the secret; each piece is valid until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = secret.Length - Padding ?? throw new InvalidOperationException("The key does not open the secret.");
        var clear = ArrayPool<byte>.Shared.Rent(SaltedFile.PieceSize);
        var blockBefore = Array.Empty<byte>();

        try
        {
            await foreach (var piece in secret.ReadAsync(cancellationToken))
            {
                _key.Decrypt(piece.Span, blockBefore, clear);
                blockBefore = piece[^BlockSize..].ToArray();

                var length = (int)Math.Min(piece.Length, left);
                left -= length;
                yield return clear.AsMemory(0, length);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
            ArrayPool<byte>.Shared.Return(clear);
        }
    }

    /// <summary>Tells whether the clear text is UTF-8, reading no more of it than it takes.</summary>
    public async Task<bool> IsUtf8Async(CancellationToken cancellationToken)
    {
        var check = new Utf8Check();

        await foreach (var piece in ReadAsync(cancellationToken))
        {
            check.Append(piece.Span);

            if (!check.MayBeText)
                return false;
        }

        return check.IsText;
    }

    public void Dispose() => _key.Dispose();
}
