namespace Servo.Client;

/// <summary>Files that travel encrypted with the servo token, in the format of <c>openssl enc -aes-256-cbc -pbkdf2 -base64</c>.</summary>
public static class Secret
{
    /// <summary>The ending of an encrypted file's name, which the gateway takes off again.</summary>
    public const string Extension = ".aes";

    /// <summary>Encrypts with AES-256-CBC under a key that PBKDF2-HMAC-SHA-256 (RFC 8018, 10,000 rounds) derives from the token and a fresh salt, as base64 lines of 64 characters; both streams stay open.</summary>
    public static Task EncryptAsync(Stream clear, Stream encrypted, ServoCredential credential, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Decrypts what <c>openssl enc -aes-256-cbc</c> wrote, base64 or binary, whichever key derivation it used (<c>-pbkdf2</c>, or SHA-256 or MD5 without it); <paramref name="encrypted"/> must be seekable, and both streams stay open. Throws <see cref="InvalidDataException"/> where it is not of that format or the token does not open it.</summary>
    public static Task DecryptAsync(Stream encrypted, Stream clear, ServoCredential credential, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
