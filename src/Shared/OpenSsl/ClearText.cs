using System.Runtime.CompilerServices;

namespace Servo.OpenSsl;

/// <summary>What a secret reads under one key; the key is wiped on disposal, and so is the last piece of text once it was read.</summary>
internal sealed class ClearText : IDisposable
{
    private readonly SaltedFile _file;
    private readonly SecretKey _key;
    private readonly int _padding;

    private ClearText(SaltedFile file, SecretKey key, int padding) => (_file, _key, _padding) = (file, key, padding);

    /// <summary>
    /// Chooses the key of a secret (decision 10): the first in the order of the derivations whose text is UTF-8, else the one with the
    /// longest padding, and of equals the last; <see langword="null"/> where none unpads.
    /// </summary>
    public static async Task<ClearText?> FindAsync(SaltedFile file, byte[] password, CancellationToken cancellationToken)
    {
        var opened = new List<ClearText>();
        ClearText? chosen = null;

        try
        {
            foreach (var derivation in KeyDerivation.InOrder)
            {
                if (TryOpen(file, derivation, password) is not { } text)
                    continue;

                opened.Add(text);
                var isAlone = opened.Count == 1 && derivation == KeyDerivation.InOrder[KeyDerivation.InOrder.Count - 1];

                if (isAlone || await text.IsUtf8Async(cancellationToken).ConfigureAwait(false))
                    return chosen = text;
            }

            return chosen = opened.OrderBy(text => text._padding).LastOrDefault();
        }
        finally
        {
            foreach (var other in opened.Where(text => text != chosen))
                other.Dispose();
        }
    }

    /// <summary>Decrypts the secret; each piece is valid until the next.</summary>
    public async IAsyncEnumerable<ArraySegment<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var decryption = _key.CreateDecryptor();
        var left = _file.Length - _padding;
        var clear = Array.Empty<byte>();

        try
        {
            await foreach (var piece in _file.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (clear.Length < piece.Count)
                    clear = new byte[piece.Array!.Length];

                decryption.TransformBlock(piece.Array!, piece.Offset, piece.Count, clear, 0);
                var length = (int)Math.Min(piece.Count, left);
                left -= length;

                if (length > 0)
                    yield return new ArraySegment<byte>(clear, 0, length);
            }
        }
        finally
        {
            Array.Clear(clear, 0, clear.Length);
        }
    }

    public void Dispose() => _key.Dispose();

    private static ClearText? TryOpen(SaltedFile file, KeyDerivation derivation, byte[] password)
    {
        var key = new SecretKey(derivation, password, file.Salt);

        if (key.Padding(file.LastBlock, file.BlockBefore) is { } padding)
            return new ClearText(file, key, padding);

        key.Dispose();
        return null;
    }

    // Reads no more than it takes to tell.
    private async Task<bool> IsUtf8Async(CancellationToken cancellationToken)
    {
        using var check = new Utf8Check();

        await foreach (var piece in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!check.Append(piece.Array!, piece.Offset, piece.Count))
                return false;
        }

        return check.IsText;
    }
}
