using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Files;

/// <summary>Follows every link of a path, as the kernel does.</summary>
internal static class RealPath
{
    private const int Longest = 4096; // PATH_MAX
    private const int MostLinks = 40; // MAXSYMLINKS

    /// <summary>The path that no link is on; the path itself where nothing is there.</summary>
    public static string Of(string path)
    {
        using var place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0);
        return (place.IsInvalid ? null : Of(place)) ?? Path.GetFullPath(path);
    }

    /// <summary>
    /// The folders, by paths that no link is on, in which the kernel looks up an entry of the path, or of what a link on it leads to: whoever may change one of
    /// them decides what the path leads to. None after the first entry that is not there, or after 40 links.
    /// </summary>
    public static IEnumerable<string> FoldersOnTheWay(string path)
    {
        var names = new Stack<string>(Reversed(path));
        var at = "/";

        for (var links = 0; links <= MostLinks && names.TryPop(out var name);)
        {
            if (name is ".." or ".")
            {
                at = name == "." ? at : Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            yield return at;
            var next = Path.Join(at, name);

            if (LinkAt(next) is not { } target)
            {
                at = next;
                continue;
            }

            links++;
            at = target.StartsWith('/') ? "/" : at;

            foreach (var part in Reversed(target))
                names.Push(part);
        }
    }

    /// <summary>Whether a path is a folder's or lies below it; both are absolute and without links.</summary>
    public static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal);

    /// <summary>The path of what a descriptor stands for; <see langword="null"/> where the kernel does not say.</summary>
    public static string? Of(SafeFileHandle place)
    {
        Span<byte> real = stackalloc byte[Longest];
        var length = (int)FileCalls.ReadLink($"/proc/self/fd/{place.DangerousGetHandle()}", real, Longest);
        return length > 0 ? Encoding.UTF8.GetString(real[..length]) : null;
    }

    private static IEnumerable<string> Reversed(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();

    private static string? LinkAt(string path)
    {
        Span<byte> target = stackalloc byte[Longest];
        var length = (int)FileCalls.ReadLink(path, target, Longest);
        return length > 0 ? Encoding.UTF8.GetString(target[..length]) : null;
    }
}
