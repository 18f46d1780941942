namespace Servo.Bundles;

/// <summary>What macOS keeps of a file besides its content (RFC 1740); its tar puts that beside the file <c>NAME</c> as a file <c>._NAME</c>.</summary>
internal static class AppleDouble
{
    private static readonly byte[] s_magic = [0x00, 0x05, 0x16, 0x07];

    /// <summary>Whether a file has such a name; one of the user's own may have it too.</summary>
    public static bool IsName(string path) => Path.GetFileName(path).StartsWith("._", StringComparison.Ordinal);

    public static bool IsStart(byte[] bytes, int count) => count >= s_magic.Length && bytes.Take(s_magic.Length).SequenceEqual(s_magic);

    public static bool IsStartOf(Stream content)
    {
        var bytes = new byte[s_magic.Length];

        return IsStart(bytes, content.Read(bytes, 0, bytes.Length));
    }
}
