namespace Servo.Application.Secrets;

/// <summary>Opens secrets with the servo token.</summary>
public interface ISecretDecryptor
{
    /// <summary>
    /// Decrypts <paramref name="path"/> into <paramref name="clearPath"/>, replacing what is there, and deletes <paramref name="path"/>.
    /// Returns <see langword="null"/> on success; else why not, in words that hold no secret, with the encrypted file left and no clear file made.
    /// </summary>
    Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken);
}
