using System.Security.Cryptography;
using System.Text;
using Servo.Secrets;

namespace Servo.Client.Secrets;

/// <summary>A secret under a key that unpads its last block.</summary>
internal sealed class ClearText : IDisposable
{
    private readonly SaltedFile _file;
    private readonly Aes _cipher;
    private readonly int _padding;

    private ClearText(SaltedFile file, Aes cipher, int padding) => (_file, _cipher, _padding) = (file, cipher, padding);

    /// <summary>
    /// Tries the derivations in turn. Of several that unpad (one key in 256 does so by chance, mostly by a single byte) the first whose text is UTF-8 is taken, else the one with the
    /// longest padding, and of equals the last, which is what is written today; <see langword="null"/> where none unpads.
    /// </summary>
    public static async Task<ClearText?> FindAsync(SaltedFile file, ServoCredential credential, CancellationToken cancellationToken)
    {
        var found = KeyDerivation.InOrder.Select(derivation => TryOpen(file, derivation, credential)).OfType<ClearText>().ToList();
        var chosen = found.OrderBy(text => text._padding).LastOrDefault();

        try
        {
            for (var i = 0; found.Count > 1 && i < found.Count; i++)
            {
                if (!await found[i].IsUtf8Async(cancellationToken).ConfigureAwait(false))
                    continue;

                chosen = found[i];
                break;
            }
        }
        catch
        {
            chosen?.Dispose();
            throw;
        }
        finally
        {
            found.Where(other => other != chosen).ToList().ForEach(other => other.Dispose());
        }

        return chosen;
    }

    /// <summary>Decrypts; each piece is valid during the call.</summary>
    public async Task ReadAsync(Func<byte[], int, Task> take, CancellationToken cancellationToken)
    {
        using var decryption = _cipher.CreateDecryptor();
        var left = _file.Length - _padding;
        var clear = Array.Empty<byte>();

        try
        {
            await _file.ReadAsync(
                (piece, length) =>
                {
                    clear = clear.Length < piece.Length ? new byte[piece.Length] : clear;
                    decryption.TransformBlock(piece, 0, length, clear, 0);
                    var text = (int)Math.Min(length, left);
                    left -= text;
                    return text > 0 ? take(clear, text) : Task.CompletedTask;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Array.Clear(clear, 0, clear.Length);
        }
    }

    public void Dispose() => _cipher.Dispose();

    private static ClearText? TryOpen(SaltedFile file, KeyDerivation derivation, ServoCredential credential)
    {
        var (cipher, vector) = SecretCipher.Of(derivation, credential, file.Salt);
        var before = file.Length > SaltedFile.BlockSize ? [.. file.End.Take(SaltedFile.BlockSize)] : vector;
        using var decryption = cipher.CreateDecryptor(cipher.Key, before);
        var last = decryption.TransformFinalBlock(file.End, file.End.Length - SaltedFile.BlockSize, SaltedFile.BlockSize);
        var padding = last[last.Length - 1];

        if (padding is >= 1 and <= SaltedFile.BlockSize && last.Skip(last.Length - padding).All(each => each == padding))
            return new ClearText(file, cipher, padding);

        cipher.Dispose();
        return null;
    }

    private async Task<bool> IsUtf8Async(CancellationToken cancellationToken)
    {
        var decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
        var characters = Array.Empty<char>();

        try
        {
            await ReadAsync(
                (piece, length) =>
                {
                    characters = characters.Length < length + 1 ? new char[length + 1] : characters;
                    decoder.GetChars(piece, 0, length, characters, 0, flush: false);
                    return Task.CompletedTask;
                },
                cancellationToken).ConfigureAwait(false);
            decoder.GetChars([], 0, 0, new char[1], 0, flush: true);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        finally
        {
            Array.Clear(characters, 0, characters.Length);
        }
    }
}
