using System.Security.Cryptography;
using Servo.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>A key that may open a secret; wiped on disposal.</summary>
internal sealed class SecretKey : IDisposable
{
    /// <summary>Bytes of an AES-256 key and of an initialisation vector.</summary>
    public const int Size = 32 + BlockSize;

    /// <summary>Bytes of an AES block.</summary>
    public const int BlockSize = 16;

    private readonly byte[] _iv;
    private readonly Aes _aes = Aes.Create();

    public SecretKey(KeyDerivation derivation, byte[] password, byte[] salt)
    {
        var keyAndIv = derivation.Derive(password, salt, Size);
        _aes.SetKey(keyAndIv.AsSpan()[..^BlockSize]);
        _iv = keyAndIv[^BlockSize..].ToArray();
        CryptographicOperations.ZeroMemory(keyAndIv);
    }

    /// <summary>
    /// Reads the padding (PKCS#7) off the end of a secret: from 1 to 16 bytes, or <see langword="null"/> where the key does not open it. In
    /// the chained mode the last block takes no more than the one before it to decrypt. One wrong key in 256 passes by chance.
    /// </summary>
    public int? Padding(ReadOnlySpan<byte> lastBlock, ReadOnlySpan<byte> blockBefore)
    {
        Span<byte> clear = stackalloc byte[BlockSize];
        Decrypt(lastBlock, blockBefore, clear);

        int padding = clear[^1];
        var opens = padding is >= 1 and <= BlockSize && !clear[^padding..].ContainsAnyExcept((byte)padding);
        CryptographicOperations.ZeroMemory(clear);

        return opens ? padding : null;
    }

    /// <summary>Decrypts whole blocks that follow on <paramref name="blockBefore"/>, or are the first of a secret where that is empty.</summary>
    public void Decrypt(ReadOnlySpan<byte> blocks, ReadOnlySpan<byte> blockBefore, Span<byte> clear) =>
        _aes.DecryptCbc(blocks, blockBefore.IsEmpty ? _iv : blockBefore, clear, PaddingMode.None);

    public void Dispose()
    {
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_iv);
    }
}
