using System.Security.Cryptography;
using System.Text;

namespace Servo.OpenSsl;

/// <summary>Ciphertext that the token does not open: its salt, its first blocks, and its last two or the only one.</summary>
internal sealed class UnopenedSecret(byte[] salt, byte[] head, byte[] end, long length)
{
    /// <summary>The most bytes of the head that are looked at.</summary>
    public const int HeadSize = 4096;

    /// <summary>The explanation if no guess fits.</summary>
    public const string NoGuess = "it is damaged, or was encrypted with another token";

    private const int BlockSize = 16;

    // What chance makes of bytes that are not text once in 65,536 times.
    private const int TellingPadding = 2;

    /// <summary>
    /// How the secret was encrypted, in words that reveal neither the token nor the clear text; <see langword="null"/> if no guess fits.
    /// </summary>
    public string? Explain(IEnumerable<SecretGuess> guesses, CancellationToken cancellationToken)
    {
        foreach (var guess in guesses)
        {
            cancellationToken.ThrowIfCancellationRequested();

            if (Fits(guess))
                return $"it seems to be encrypted {guess.Words}";
        }

        return null;
    }

    private bool Fits(SecretGuess guess)
    {
        // The initialisation vector, which comes behind the key and costs as much, is needed for the first block only.
        var hasBlockBefore = end.Length > BlockSize;
        var derived = guess.Derive(salt, hasBlockBefore ? 0 : BlockSize);

        try
        {
            var before = hasBlockBefore ? [.. end.Take(BlockSize)] : Vector(guess, derived);
            var last = Decrypt(Key(guess, derived), before, [.. end.Skip(end.Length - BlockSize)]);
            int padding = last[BlockSize - 1];

            if (padding is < 1 or > BlockSize || last.Skip(BlockSize - padding).Any(each => each != padding))
                return false;

            return padding >= TellingPadding || IsText(guess, padding);
        }
        finally
        {
            Array.Clear(derived, 0, derived.Length);
        }
    }

    private static byte[] Key(SecretGuess guess, byte[] derived) => [.. derived.Take(guess.KeyBytes)];

    private static byte[] Vector(SecretGuess guess, byte[] derived) => [.. derived.Skip(guess.KeyBytes)];

    private static byte[] Decrypt(byte[] key, byte[] vector, byte[] blocks)
    {
        using var aes = Aes.Create();
        (aes.Mode, aes.Padding) = (CipherMode.CBC, PaddingMode.None);
        using var decryption = aes.CreateDecryptor(key, vector);
        Array.Clear(key, 0, key.Length);

        return decryption.TransformFinalBlock(blocks, 0, blocks.Length);
    }

    private bool IsText(SecretGuess guess, int padding)
    {
        var derived = guess.Derive(salt, BlockSize);
        var clear = Decrypt(Key(guess, derived), Vector(guess, derived), head);
        Array.Clear(derived, 0, derived.Length);
        var isWhole = head.Length == length;

        try
        {
            // The head of a longer text may end within a character.
            var decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
            decoder.GetChars(clear, 0, clear.Length - (isWhole ? padding : 0), new char[clear.Length + 1], 0, flush: isWhole);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        finally
        {
            Array.Clear(clear, 0, clear.Length);
        }
    }
}
