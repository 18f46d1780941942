using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Secrets;
using Servo.Secrets;

namespace Servo.Infrastructure.Secrets;

/// <summary>Opens what <c>openssl enc -aes-256-cbc</c> of any version wrote, within this process and in constant memory.</summary>
internal sealed class OpenSslDecryptor(IOptions<ServoOptions> options) : ISecretDecryptor
{
    private readonly byte[] _password = Encoding.UTF8.GetBytes(options.Value.Token);

    public async Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        try
        {
            if (await SaltedFile.OpenAsync(path, cancellationToken) is not { } secret)
                return await ForeignAsync(path, cancellationToken);

            return await TryReplaceAsync(secret, path, clearPath, cancellationToken) ? null : await UnopenedAsync(secret, cancellationToken);
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
        (KeyDerivation Derivation, int Padding)? best = null;

        foreach (var derivation in KeyDerivation.InOrder)
        {
            using var text = new ClearText(secret, derivation, _password);

            if (text.Padding is not { } padding)
                continue;

            if (await text.IsUtf8Async(cancellationToken))
            {
                await ReplaceAsync(path, clearPath, text, cancellationToken);
                return true;
            }

            // Among equals the last counts: PBKDF2 is what is written today.
            if (padding >= (best?.Padding ?? 0))
                best = (derivation, padding);
        }

        if (best is null)
            return false;

        using var binary = new ClearText(secret, best.Value.Derivation, _password);
        await ReplaceAsync(path, clearPath, binary, cancellationToken);
        return true;
    }

    private async Task<string> ForeignAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[UnsaltedFile.MostBytes];
        var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var what = UnsaltedFile.Describe(bytes, count, _password, cancellationToken);

        return $"it is not in the format of openssl enc{(what is null ? "" : $": {what}")}. {ForeignFile.Advice}";
    }

    /// <summary>Says how the secret seems to have been encrypted. A run ends at its first secret that does not open, so that this is done once in a run.</summary>
    private async Task<string> UnopenedAsync(SaltedFile secret, CancellationToken cancellationToken)
    {
        var unopened = await secret.ToUnopenedAsync(cancellationToken);

        var why = unopened.Explain(SecretGuess.All(_password), cancellationToken) ?? UnopenedSecret.NoGuess;

        return $"the servo token does not open it: {why}. {ForeignFile.Advice}";
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
