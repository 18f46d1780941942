namespace Servo.Infrastructure.Runs;

/// <summary>Deletes directories in which scripts have worked.</summary>
internal static class DirectoryTree
{
    private static readonly EnumerationOptions _allButLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Deletes a tree, also where a script took away the owner's own access to a folder in it. Links are removed, never followed.</summary>
    public static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already: a script may delete what is its own.
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            MakeAccessible(path);
            Directory.Delete(path, recursive: true);
        }
    }

    private static void MakeAccessible(string directory)
    {
        File.SetUnixFileMode(directory, RuntimeDirectory.OwnerOnly);

        foreach (var child in Directory.EnumerateDirectories(directory, "*", _allButLinks))
            MakeAccessible(child);
    }
}
