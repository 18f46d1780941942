using System.Globalization;
using System.Text;

namespace Servo.Infrastructure.Cgroups;

/// <summary>The kernel's files in a cgroup's folder: each takes one short text, and answers with one.</summary>
internal static class CgroupFile
{
    /// <summary>Holds the processes of a cgroup; whoever writes a number moves that process here.</summary>
    public const string Processes = "cgroup.procs";

    /// <summary>Writes a text.</summary>
    /// <exception cref="IOException">The kernel does not take it, or there is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static void Write(string path, string text)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(text), 0);
    }

    /// <summary>The number behind a name in a file of names and numbers; 0 where there is none.</summary>
    public static long Count(string path, string name)
    {
        var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name + ' ', StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }
}
