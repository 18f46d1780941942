using System.Security.Cryptography;

namespace Servo.Testing;

/// <summary>A fresh directory that is deleted on disposal.</summary>
public sealed class TempDirectory : IDisposable
{
    private TempDirectory(string path) => Path = path;

    public TempDirectory()
        : this(Directory.CreateTempSubdirectory("servo-test-").FullName)
    {
    }

    /// <summary>
    /// One for a gateway's files, outside of the folder for temporary ones: what lies above them has to be listed at the start of each script, and scripts
    /// can make nothing in it. Its path is short: that of a socket in a workspace has 107 bytes.
    /// </summary>
    public static TempDirectory ForGateway() => new(Directory.CreateDirectory(
        $"/var/tmp/st-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName);

    /// <summary>One in a folder, and below folders, in which no other test makes anything meanwhile.</summary>
    public static TempDirectory Secluded() => new(Directory.CreateDirectory(
        System.IO.Path.Join(AppContext.BaseDirectory, $"st-{RandomNumberGenerator.GetHexString(8, lowercase: true)}")).FullName);

    public string Path { get; }

    /// <summary>A path in the directory, whose folders exist.</summary>
    public string File(string name)
    {
        var path = System.IO.Path.Join(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
