using System.Security.Cryptography;

namespace Servo.OpenSsl;

/// <summary>An AES-256 key with its initialisation vector, made of a password and a salt; wiped on disposal.</summary>
internal sealed class SecretKey : IDisposable
{
    /// <summary>Bytes of an AES block, and of an initialisation vector.</summary>
    public const int BlockSize = 16;

    private const int KeySize = 32;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _vector = new byte[BlockSize];

    public SecretKey(KeyDerivation derivation, byte[] password, byte[] salt)
    {
        var derived = derivation.Derive(password, salt, KeySize + BlockSize);
        byte[] key = [.. derived.Take(KeySize)];
        Buffer.BlockCopy(derived, KeySize, _vector, 0, _vector.Length);
        (_aes.Mode, _aes.Padding, _aes.Key, _aes.IV) = (CipherMode.CBC, PaddingMode.None, key, _vector);
        Array.Clear(derived, 0, derived.Length);
        Array.Clear(key, 0, key.Length);
    }

    /// <summary>Encrypts whole blocks.</summary>
    public ICryptoTransform CreateEncryptor() => _aes.CreateEncryptor();

    /// <summary>Decrypts whole blocks, from the first.</summary>
    public ICryptoTransform CreateDecryptor() => _aes.CreateDecryptor();

    /// <summary>
    /// Reads the padding (PKCS #7) off the end of a secret: from 1 to 16 bytes, or <see langword="null"/> where the key does not open it.
    /// In the chained mode the last block takes no more than the one before it to decrypt. One wrong key in 256 passes by chance.
    /// </summary>
    public int? Padding(byte[] lastBlock, byte[] blockBefore)
    {
        _aes.IV = blockBefore.Length == 0 ? _vector : blockBefore;
        using var decryption = _aes.CreateDecryptor();
        _aes.IV = _vector;
        var clear = decryption.TransformFinalBlock(lastBlock, 0, lastBlock.Length);
        int padding = clear[BlockSize - 1];
        var opens = padding is >= 1 and <= BlockSize && clear.Skip(BlockSize - padding).All(each => each == padding);
        Array.Clear(clear, 0, clear.Length);

        return opens ? padding : null;
    }

    public void Dispose()
    {
        _aes.Dispose();
        Array.Clear(_vector, 0, _vector.Length);
    }
}
