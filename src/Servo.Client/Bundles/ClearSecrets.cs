namespace Servo.Client.Bundles;

/// <summary>Finds files that would be sent unencrypted beside their encrypted form.</summary>
internal static class ClearSecrets
{
    /// <summary>The unencrypted files among an archive's names, sorted by code point, each with its encrypted form.</summary>
    public static IEnumerable<RunProgress.ClearSecret> Among(IEnumerable<string> names)
    {
        var files = names.Select(BundleNames.WithoutDot).Distinct().OrderBy(name => name, BundleNames.Order).ToList();

        // Of either case: a warning too many costs less than a secret, and some file systems take both for one name.
        var encrypted = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        foreach (var extension in Secret.Extensions)
        {
            foreach (var name in files.Where(name => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)))
                encrypted[name.Substring(0, name.Length - extension.Length)] = name;
        }

        foreach (var name in files)
        {
            if (encrypted.TryGetValue(name, out var secret))
                yield return new RunProgress.ClearSecret(name, secret);
        }
    }
}
