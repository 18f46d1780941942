using Servo.Infrastructure.Files;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>What the scripts of one run reach of the file system, by the same rules that the kernel was given, to say afterwards what was denied.</summary>
/// <param name="places">Files, and folders with all below them; and whether scripts may write there.</param>
/// <param name="hidden">What no setting allows.</param>
internal sealed class Reach(IReadOnlyCollection<(string Path, bool MayWrite)> places, HiddenTree hidden)
{
    /// <summary>Whether a path is hidden, or above what is.</summary>
    public bool IsHidden(string path) => hidden.Covers(RealPath.Of(path));

    /// <summary>
    /// What scripts may do with a path, whether it exists or not. <see cref="Access.ReadAndWrite"/> also where this process itself may do no more: then the
    /// file's mode denied it, and not the sandbox.
    /// </summary>
    public Access Of(string path)
    {
        // What is to be made has no path yet, but its folder has one.
        var isThere = Path.Exists(path);
        var (at, name) = isThere || Path.GetDirectoryName(path) is not { } folder ? (path, "") : (folder, Path.GetFileName(path));
        var real = Path.Join(RealPath.Of(at), name);
        var rights = places.Where(place => RealPath.IsWithin(real, place.Path)).Select(place => place.MayWrite).ToList();

        if (rights.Contains(true) || (Libc.access(at, Libc.Writable) != 0 && (rights.Count > 0 || !isThere || Libc.access(at, Libc.Readable) != 0)))
            return Access.ReadAndWrite;

        return rights.Count == 0 ? Access.None : Access.Read;
    }
}

/// <summary>What a sandbox allows of a path.</summary>
internal enum Access
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>To read, list and execute.</summary>
    Read,

    /// <summary>Everything.</summary>
    ReadAndWrite,
}
