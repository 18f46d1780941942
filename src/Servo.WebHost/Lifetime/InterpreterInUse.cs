namespace Servo.WebHost.Lifetime;

/// <summary>Finds the interpreter that a setting names, without starting it.</summary>
internal static class InterpreterInUse
{
    /// <summary>The setting and, where they differ, the file behind it: a name is looked up in PATH, links are followed.</summary>
    public static string Describe(string python)
    {
        var candidates = python.Contains('/', StringComparison.Ordinal)
            ? [python]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Join(folder, python));

        return candidates.FirstOrDefault(File.Exists) is not { } found ? $"{python} (not found)"
            : File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName is { } target && target != python ? $"{python} ({target})"
            : found == python ? python : $"{python} ({found})";
    }
}
