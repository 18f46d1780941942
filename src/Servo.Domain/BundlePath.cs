namespace Servo.Domain;

/// <summary>A relative path inside a bundle, with <c>/</c> between its parts and none of them empty, <c>.</c> or <c>..</c>.</summary>
public static class BundlePath
{
    /// <summary>
    /// Drops <c>./</c> and doubled or trailing slashes; <see langword="null"/> for an
    /// absolute path, a <c>..</c> part or a NUL; empty for the bundle's own directory.
    /// </summary>
    public static string? Normalize(string path)
    {
        if (path.StartsWith('/') || path.Contains('\0'))
            return null;

        var parts = path.Split('/').Where(part => part is not ("" or ".")).ToArray();

        return parts.Contains("..") ? null : string.Join('/', parts);
    }
}
