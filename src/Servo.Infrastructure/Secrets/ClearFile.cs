namespace Servo.Infrastructure.Secrets;

/// <summary>Puts the clear file of a secret in the secret's place.</summary>
internal static class ClearFile
{
    /// <summary>
    /// Has the clear file written, for this user alone, gives it its name, replacing what has it, and deletes the secret. Where writing fails there is no
    /// clear file.
    /// </summary>
    public static async Task ReplaceAsync(string path, string clearPath, Func<Stream, Task> write)
    {
        // Its name is independent of the clear file's, which may already be as long as a name can be.
        var unfinished = Path.Join(Path.GetDirectoryName(clearPath), $".servo-{Guid.NewGuid():N}");
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path) & UnixFileMode.UserExecute;

        try
        {
            await using (var file = PrivateFile.Create(unfinished, mode))
                await write(file);

            File.Move(unfinished, clearPath, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        File.Delete(path);
    }
}
