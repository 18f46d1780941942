namespace Servo.Bundles;

/// <summary>
/// The metadata that macOS keeps of a file (AppleDouble, RFC 1740); its tar stores it beside <c>NAME</c> as <c>._NAME</c>.
/// </summary>
internal static class AppleDouble
{
    private static readonly byte[] s_magic = [0x00, 0x05, 0x16, 0x07];

    /// <summary>Whether a file has such a name; a file of the user's may have it too.</summary>
    public static bool IsName(string path) => Path.GetFileName(path).StartsWith("._", StringComparison.Ordinal);

    public static bool IsStart(byte[] bytes, int count) => count >= s_magic.Length && bytes.Take(s_magic.Length).SequenceEqual(s_magic);

    public static bool IsStartOf(Stream content)
    {
        var bytes = new byte[s_magic.Length];

        return IsStart(bytes, content.Read(bytes, 0, bytes.Length));
    }
}
