using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>Opens what <c>openssl enc -aes-256-cbc</c> of any version wrote, within this process and in constant memory.</summary>
internal sealed class OpenSslDecryptor(IOptions<ServoOptions> options) : ISecretDecryptor
{
    private readonly byte[] _password = Encoding.UTF8.GetBytes(options.Value.Token);

    public async Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await SaltedFile.OpenAsync(path, cancellationToken);

            return await TryReplaceAsync(secret, path, clearPath, cancellationToken) ? null : "the servo token does not open it";
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    // Where several derivations unpad, the first that gives UTF-8 wins, so the later ones need not be tried: one takes milliseconds. Bytes that are no
    // text go to the longest padding, as chance makes a padding of one byte for one key in 256, and a longer one hardly ever.
    private async Task<bool> TryReplaceAsync(SaltedFile secret, string path, string clearPath, CancellationToken cancellationToken)
    {
        (KeyDerivation Derive, int Padding)? best = null;

        foreach (var derive in KeyDerivations.InOrder)
        {
            using var text = new ClearText(secret, derive, _password);

            if (text.Padding is not { } padding)
                continue;

            if (await text.IsUtf8Async(cancellationToken))
            {
                await ReplaceAsync(path, clearPath, text, cancellationToken);
                return true;
            }

            // Among equals the last counts: PBKDF2 is what is written today.
            if (padding >= (best?.Padding ?? 0))
                best = (derive, padding);
        }

        if (best is null)
            return false;

        using var binary = new ClearText(secret, best.Value.Derive, _password);
        await ReplaceAsync(path, clearPath, binary, cancellationToken);
        return true;
    }

    private static async Task ReplaceAsync(string path, string clearPath, ClearText text, CancellationToken cancellationToken)
    {
        // Its name is independent of the clear file's, which may already be as long as a name can be.
        var unfinished = Path.Join(Path.GetDirectoryName(clearPath), $".servo-{Guid.NewGuid():N}");
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path) & UnixFileMode.UserExecute;

        try
        {
            await using (var file = PrivateFile.Create(unfinished, mode))
            {
                await foreach (var piece in text.ReadAsync(cancellationToken))
                    await file.WriteAsync(piece, cancellationToken);
            }

            File.Move(unfinished, clearPath, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        File.Delete(path);
    }
}
