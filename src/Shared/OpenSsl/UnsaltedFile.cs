using System.Text;

namespace Servo.OpenSsl;

/// <summary>A file without the header of <c>openssl enc</c>.</summary>
internal static class UnsaltedFile
{
    /// <summary>A larger file is not looked at as a whole.</summary>
    public const int MostBytes = 1 << 20;

    private const int BlockSize = 16;

    /// <summary>
    /// What a file seems to be, given its first bytes, or all if fewer than <see cref="MostBytes"/>; <see langword="null"/> if that is
    /// unknown.
    /// </summary>
    public static string? Describe(byte[] bytes, int count, byte[] token, CancellationToken cancellationToken) =>
        ForeignFile.Describe(bytes, Math.Min(count, ForeignFile.StartSize))
            ?? (count < MostBytes ? Explain(Decode(bytes, count), token, cancellationToken) : null);

    private static string? Explain(byte[] blocks, byte[] token, CancellationToken cancellationToken)
    {
        if (blocks.Length == 0 || blocks.Length % BlockSize != 0)
            return null;

        byte[] head = [.. blocks.Take(UnopenedSecret.HeadSize)];
        byte[] end = [.. blocks.Skip(blocks.Length - 2 * BlockSize)];

        return new UnopenedSecret([], head, end, blocks.Length).Explain(SecretGuess.WithoutSalt(token), cancellationToken);
    }

    private static byte[] Decode(byte[] bytes, int count)
    {
        try
        {
            return Convert.FromBase64String(Encoding.ASCII.GetString(bytes, 0, count));
        }
        catch (FormatException)
        {
            return [.. bytes.Take(count)];
        }
    }
}
