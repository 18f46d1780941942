namespace Servo.Cli.Terminal;

/// <summary>Where files of a bundle are in the repository, so that an annotation stands beside them.</summary>
internal sealed class ScriptFiles(string source, string? repository)
{
    /// <summary>The path from the top of the repository; <see langword="null"/> where the file is not there.</summary>
    public string? PathOf(string name)
    {
        var path = Path.GetFullPath(Path.Join(source, name));

        if (!File.Exists(path))
            return null;

        var relative = Path.GetRelativePath(repository ?? Directory.GetCurrentDirectory(), path);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal) ? null : relative.Replace(Path.DirectorySeparatorChar, '/');
    }
}
