using Servo.Client.Secrets;
using Servo.OpenSsl;

namespace Servo.Client;

/// <summary>Files that travel encrypted with the servo token, in the format of <c>openssl enc -aes-256-cbc -pbkdf2 -base64</c>.</summary>
public static class Secret
{
    /// <summary>The extension of an encrypted file's name, which the gateway removes.</summary>
    public const string Extension = ".aes";

    /// <summary>The extensions of all that the gateway decrypts: those that were encrypted for a certificate, too.</summary>
    internal static readonly string[] Extensions = [Extension, ".p7m"];

    /// <summary>
    /// Encrypts with AES-256-CBC under a key that PBKDF2-HMAC-SHA-256 (RFC 8018, 10,000 rounds) derives from the token and a fresh salt, as
    /// base64 lines of 64 characters; both streams stay open.
    /// </summary>
    public static async Task EncryptAsync(
        Stream clear, Stream encrypted, ServoCredential credential, CancellationToken cancellationToken = default)
    {
        Guard.NotNull(clear, nameof(clear));
        Guard.NotNull(encrypted, nameof(encrypted));
        Guard.NotNull(credential, nameof(credential));
        using var encryptor = new SecretEncryptor(credential);
        var buffer = new byte[SecretEncryptor.PieceSize];

        while (await clear.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            await WriteAsync(encryptor.Append(buffer, read)).ConfigureAwait(false);

        await WriteAsync(encryptor.Finish()).ConfigureAwait(false);
        Array.Clear(buffer, 0, buffer.Length);

        Task WriteAsync(ArraySegment<byte> text) => encrypted.WriteAsync(text.Array!, text.Offset, text.Count, cancellationToken);
    }

    /// <summary>
    /// Decrypts what <c>openssl enc -aes-256-cbc</c> wrote, base64 or binary, whichever key derivation it used (<c>-pbkdf2</c>, or SHA-256
    /// or MD5 without it); <paramref name="encrypted"/> must be seekable, and both streams stay open. Throws
    /// <see cref="InvalidDataException"/> if it has another format or the token does not decrypt it.
    /// </summary>
    public static async Task DecryptAsync(
        Stream encrypted, Stream clear, ServoCredential credential, CancellationToken cancellationToken = default)
    {
        Guard.NotNull(encrypted, nameof(encrypted));
        Guard.NotNull(clear, nameof(clear));
        Guard.NotNull(credential, nameof(credential));

        if (!encrypted.CanSeek)
            throw new ArgumentException("A secret is read more than once: pass a stream that can seek.", nameof(encrypted));

        var password = credential.ToBytes();

        try
        {
            using var text = await OpenSslSecret.OpenAsync(encrypted, password, cancellationToken).ConfigureAwait(false);

            await foreach (var piece in text.ReadAsync(cancellationToken).ConfigureAwait(false))
                await clear.WriteAsync(piece.Array!, piece.Offset, piece.Count, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The secret cannot be decrypted: {e.Message}.", e);
        }
        finally
        {
            Array.Clear(password, 0, password.Length);
        }
    }
}
