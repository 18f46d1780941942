using Servo.Cli.Terminal;

namespace Servo.Cli.Files;

/// <summary>The output of a command: a file, or standard output for <c>-</c>.</summary>
internal static class Destination
{
    public const string StandardOutput = "-";

    /// <summary>Writes to the destination; a file appears only if it was written completely.</summary>
    public static async Task WriteAsync(
        string path, Func<Stream, Task> write, StandardStreams streams, bool overwrite, UnixFileMode? mode = null, string? temporary = null)
    {
        if (path == StandardOutput)
        {
            await write(streams.Output.Bytes);
            await streams.Output.Bytes.FlushAsync();
            return;
        }

        if (IsDevice(path))
        {
            await using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            await write(device);
            return;
        }

        await using var file = AtomicFile.Create(path, overwrite, mode, temporary);
        await write(file.Stream);
        await file.CommitAsync();
    }

    // A file must not take the place of /dev/null, nor of the pipe that a shell passes as /dev/fd/63.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && Path.GetFullPath(path) is var full
        && full.StartsWith("/dev/", StringComparison.Ordinal)
        && !full.StartsWith("/dev/shm/", StringComparison.Ordinal)
        && File.Exists(full);
}
