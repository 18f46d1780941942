namespace Servo.Application.Secrets;

/// <summary>Opens secrets of one kind.</summary>
public interface ISecretDecryptor
{
    /// <summary>How the names of their files end.</summary>
    string Extension { get; }

    /// <summary>Why it opens none, as the rest of a sentence: they are left encrypted. <see langword="null"/> where it does.</summary>
    string? WhyNone { get; }

    /// <summary>
    /// Decrypts <paramref name="path"/> into <paramref name="clearPath"/>, replacing what is there, and deletes <paramref name="path"/>.
    /// Returns <see langword="null"/> on success; else why not, in words that hold no secret, with the encrypted file left and no clear file made.
    /// </summary>
    Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken);
}
