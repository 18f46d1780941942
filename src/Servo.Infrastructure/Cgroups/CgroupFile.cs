using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Cgroups;

/// <summary>The kernel's files in a cgroup's folder: each takes one short text, and answers with one.</summary>
internal static class CgroupFile
{
    /// <summary>Holds the processes of a cgroup; whoever writes a number moves that process here.</summary>
    public const string Processes = "cgroup.procs";

    private const int LongestCounts = 1024;

    /// <summary>Opens one that is written.</summary>
    /// <exception cref="IOException">The file does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static SafeFileHandle OpenForWriting(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    /// <summary>Writes a text.</summary>
    /// <exception cref="IOException">The kernel refuses it, or the file does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    public static void Write(string path, string text)
    {
        using var file = OpenForWriting(path);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(text), 0);
    }

    /// <summary>The sum of the numbers behind these names in a file of names and numbers; 0 where the cgroup is gone.</summary>
    public static long Count(SafeFileHandle file, params ReadOnlySpan<string> names)
    {
        var sum = 0L;

        foreach (var line in Read(file).Split('\n'))
        {
            if (line.Split(' ') is [var name, var number] && names.Contains(name))
                sum += long.Parse(number, CultureInfo.InvariantCulture);
        }

        return sum;
    }

    private static string Read(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[LongestCounts];

        try
        {
            return Encoding.ASCII.GetString(text[..RandomAccess.Read(file, text, 0)]);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
