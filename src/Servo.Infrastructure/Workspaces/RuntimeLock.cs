using System.Text;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Workspaces;

/// <summary>
/// The file by which a runtime directory is known: its text says that Servo made this directory, under this name, and its lock (flock(2)), which ends with the
/// host's process, that the host lives.
/// </summary>
internal sealed class RuntimeLock : IDisposable
{
    private const string FileName = "lock";

    private readonly SafeFileHandle _file;

    private RuntimeLock(SafeFileHandle file) => _file = file;

    /// <summary>The file's name, as Linux takes it.</summary>
    public static byte[] Name { get; } = OpenFolder.Name(FileName);

    /// <summary>Makes the file and locks it. Whoever finds it finds it whole: it gets its name when all else is done.</summary>
    /// <exception cref="IOException">It could not be made or locked.</exception>
    public static RuntimeLock Make(OpenFolder directory, string path)
    {
        var unfinished = OpenFolder.Name(FileName + ".new");
        var error = directory.TryMakeFile(unfinished, out var file);

        if (error != 0)
            throw OpenFolder.Failure(error, path);

        try
        {
            if (!TryLock(file!))
                throw new IOException($"The file system of '{path}' knows no locks (flock), by which a living gateway's files are told from a dead one's.");

            RandomAccess.Write(file!, Encoding.UTF8.GetBytes(Text(Path.GetFileName(path))), 0);
            error = directory.Move(unfinished, directory, Name);
            return error == 0 ? new RuntimeLock(file!) : throw OpenFolder.Failure(error, path);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>Takes over the directory of a host that has ended; otherwise says whose it is.</summary>
    public static RuntimeOwner TryTakeOver(OpenFolder directory, string name, out RuntimeLock? taken)
    {
        taken = null;

        if (directory.TryLook(out var status) != 0 || status.User != FileCalls.EffectiveUser())
            return RuntimeOwner.AnotherUser;

        if (directory.TryOpenFile(Name, out var file) != 0)
            return RuntimeOwner.Unknown;

        var owner = OwnerOf(file!, name);

        if (owner == RuntimeOwner.NoLivingHost)
            taken = new RuntimeLock(file!);
        else
            file!.Dispose();

        return owner;
    }

    /// <summary>Whether this file still is the directory's lock.</summary>
    public bool LiesIn(OpenFolder directory) =>
        directory.TryLook(Name, out var entry) == 0 && FileCalls.ReadStatus(_file, "\0"u8, out var status) && entry.IsSameAs(status);

    public void Dispose() => _file.Dispose();

    private static RuntimeOwner OwnerOf(SafeFileHandle file, string name)
    {
        if (!FileCalls.ReadStatus(file, "\0"u8, out var status) || !status.IsFile || status.User != FileCalls.EffectiveUser())
            return RuntimeOwner.Unknown;

        if (!TryLock(file))
            return RuntimeOwner.LivingHost;

        var expected = Encoding.UTF8.GetBytes(Text(name));
        var found = new byte[expected.Length + 1];
        return RandomAccess.Read(file, found, 0) == expected.Length && found.AsSpan().StartsWith(expected) ? RuntimeOwner.NoLivingHost : RuntimeOwner.Unknown;
    }

    private static bool TryLock(SafeFileHandle file) => FileCalls.Lock(file, FileCalls.LockExclusively | FileCalls.LockWithoutWaiting) == 0;

    private static string Text(string name) => $"Runtime directory of a Servo gateway, which deletes it: {name}\n";
}

/// <summary>Whose a directory is that has a runtime directory's name.</summary>
internal enum RuntimeOwner
{
    NoLivingHost,
    LivingHost,
    AnotherUser,
    Unknown,
}
