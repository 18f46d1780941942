using System.Security.Cryptography;
using System.Text;
using Servo.OpenSsl;

namespace Servo.Client.Secrets;

/// <summary>Encrypts a file piece by piece, as base64 text; what each call returns is valid until the next.</summary>
internal sealed class SecretEncryptor : IDisposable
{
    /// <summary>The most bytes that are taken at once.</summary>
    public const int PieceSize = 64 * 1024;

    private const int BlockSize = SecretKey.BlockSize;
    private const int LineBytes = 48;
    private const int LineLength = 64;

    private readonly ICryptoTransform _encryption;
    private readonly byte[] _pending = new byte[LineBytes + PieceSize + 2 * BlockSize];
    private readonly byte[] _clear = new byte[BlockSize + PieceSize];
    private readonly char[] _line = new char[LineLength];
    private readonly byte[] _text = new byte[(LineBytes + PieceSize + 2 * BlockSize) / LineBytes * (LineLength + 1) + LineLength + 1];
    private int _pendingCount;
    private int _clearCount;

    public SecretEncryptor(ServoCredential credential)
    {
        var salt = new byte[SaltedFile.SaltSize];
        using (var random = RandomNumberGenerator.Create())
            random.GetBytes(salt);

        var password = credential.ToBytes();
        using (var key = new SecretKey(KeyDerivation.Pbkdf2, password, salt))
            _encryption = key.CreateEncryptor();

        Array.Clear(password, 0, password.Length);
        _pendingCount = Encoding.ASCII.GetBytes(SaltedFile.Magic, 0, SaltedFile.Magic.Length, _pending, 0);
        salt.CopyTo(_pending, _pendingCount);
        _pendingCount += salt.Length;
    }

    /// <summary>How long the text becomes.</summary>
    public static long LengthOf(long clear)
    {
        var bytes = BlockSize + (clear / BlockSize + 1) * BlockSize;
        var characters = (bytes + 2) / 3 * 4;

        return characters + (characters + LineLength - 1) / LineLength;
    }

    public ArraySegment<byte> Append(byte[] clear, int count)
    {
        Buffer.BlockCopy(clear, 0, _clear, _clearCount, count);
        _clearCount += count;
        Encrypt(_clearCount / BlockSize * BlockSize);

        return Text(_pendingCount / LineBytes * LineBytes);
    }

    /// <summary>Pads (PKCS #7) and ends the text.</summary>
    public ArraySegment<byte> Finish()
    {
        var padding = BlockSize - _clearCount;

        for (var i = 0; i < padding; i++)
            _clear[_clearCount++] = (byte)padding;

        Encrypt(BlockSize);

        return Text(_pendingCount);
    }

    public void Dispose()
    {
        _encryption.Dispose();
        Array.Clear(_clear, 0, _clear.Length);
    }

    private void Encrypt(int count)
    {
        if (count > 0)
            _pendingCount += _encryption.TransformBlock(_clear, 0, count, _pending, _pendingCount);

        _clearCount -= count;
        Buffer.BlockCopy(_clear, count, _clear, 0, _clearCount);
    }

    private ArraySegment<byte> Text(int count)
    {
        var length = 0;

        for (var at = 0; at < count; at += LineBytes)
        {
            var characters = Convert.ToBase64CharArray(_pending, at, Math.Min(LineBytes, count - at), _line, 0);
            length += Encoding.ASCII.GetBytes(_line, 0, characters, _text, length);
            _text[length++] = (byte)'\n';
        }

        _pendingCount -= count;
        Buffer.BlockCopy(_pending, count, _pending, 0, _pendingCount);

        return new ArraySegment<byte>(_text, 0, length);
    }
}
