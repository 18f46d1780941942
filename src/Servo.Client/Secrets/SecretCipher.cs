using System.Security.Cryptography;
using Servo.Secrets;

namespace Servo.Client.Secrets;

/// <summary>Makes AES-256-CBC, without padding, of a token and a salt.</summary>
internal static class SecretCipher
{
    private const int KeyLength = 32;
    private const int VectorLength = 16;

    public static (Aes Cipher, byte[] Vector) Of(KeyDerivation derivation, ServoCredential credential, byte[] salt)
    {
        var password = credential.ToBytes();
        var derived = derivation.Derive(password, salt, KeyLength + VectorLength);
        var vector = new byte[VectorLength];
        var key = new byte[KeyLength];
        Buffer.BlockCopy(derived, 0, key, 0, key.Length);
        Buffer.BlockCopy(derived, key.Length, vector, 0, vector.Length);

        var cipher = Aes.Create();
        (cipher.Mode, cipher.Padding, cipher.Key, cipher.IV) = (CipherMode.CBC, PaddingMode.None, key, vector);

        foreach (var secret in new[] { password, derived, key })
            Array.Clear(secret, 0, secret.Length);

        return (cipher, vector);
    }
}
