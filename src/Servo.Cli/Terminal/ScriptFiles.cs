namespace Servo.Cli.Terminal;

/// <summary>Finds files of a bundle in the repository, so that annotations appear beside them.</summary>
internal sealed class ScriptFiles(string source, string? repository)
{
    /// <summary>The path from the top of the repository; <see langword="null"/> if the file is not in it.</summary>
    public string? PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Join(source, name));

        if (!File.Exists(path))
            return null;

        var relative = Path.GetRelativePath(repository ?? Directory.GetCurrentDirectory(), path);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal)
            ? null
            : relative.Replace(Path.DirectorySeparatorChar, '/');
    }
}
