using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Servo.Infrastructure.Files;

/// <summary>
/// Empties folders in which scripts have worked: whatever the names are, however deep they are nested, also where the owner's own access was
/// taken away. Reaches everything by descriptors, so that no link is followed, also none that takes a folder's place meanwhile; never enters
/// another file system. Throws nothing.
/// </summary>
internal sealed class TreeDeletion
{
    // A folder below this many is moved to the top instead of being entered: so many descriptors are open at
    // most, and the depth of a tree does not matter.
    private const int MaxDepth = 32;

    // Whoever still writes into a folder could keep its deletion busy for ever.
    private const int MaxScans = 20;

    private const int MaxAttempts = 3;
    private const int MaxPathBytes = 200;

    private readonly Stack<Level> _levels = new();
    private readonly string _path;
    private readonly long _deadline;
    private readonly byte[]? _kept;
    private readonly Level _top;
    private readonly FileCalls.Status _topStatus;
    private readonly string _movedPrefix = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private long _moved;
    private int _failures;
    private string? _firstFailure;

    private TreeDeletion(OpenFolder top, string path, byte[]? kept, TimeSpan timeout)
    {
        (_path, _kept, _deadline) = (path, kept, Environment.TickCount64 + (long)timeout.TotalMilliseconds);
        _top = new Level(top, []);

        if (top.TryLook(out _topStatus) is var error and not 0)
            Fail([], error);
        else
            _levels.Push(_top);
    }

    /// <summary>
    /// Deletes what is in the folder, but for the entry <paramref name="kept"/> and for as long as <paramref name="timeout"/> lasts. Returns what could not be
    /// deleted and why, in words for a log; <see langword="null"/> where a last look found nothing. <paramref name="path"/> is the folder's, for these words.
    /// </summary>
    public static string? Empty(OpenFolder folder, string path, TimeSpan timeout, byte[]? kept = null) => new TreeDeletion(folder, path, kept, timeout).Run();

    /// <summary>Deletes an entry of the folder, whatever it is; returns as <see cref="Empty"/> does.</summary>
    public static string? Delete(OpenFolder parent, byte[] name, string path, TimeSpan timeout)
    {
        var failure = parent.TryOpen(name, out var folder) == 0 ? EmptyAndDispose(folder!, path, timeout) : null;

        if (failure is not null)
            return failure;

        var error = parent.RemoveFolder(name);

        if (error == Errno.NotAFolder)
            error = parent.Unlink(name);

        // What counts is not what the calls returned but that the name is gone.
        return parent.TryLook(name, out _) == Errno.NoSuchEntry ? null : $"{path}: {Words(error)}";
    }

    private static string? EmptyAndDispose(OpenFolder folder, string path, TimeSpan timeout)
    {
        using (folder)
            return Empty(folder, path, timeout);
    }

    private string? Run()
    {
        while (_levels.TryPeek(out var level))
        {
            if (Environment.TickCount64 > _deadline)
                Abandon();
            else if (level.Entries.TryRead(out var name))
                Remove(level, name);
            else
                EndScan(level);
        }

        return _failures > 1 ? $"{_firstFailure} (and {_failures - 1} more)" : _firstFailure;
    }

    private void Remove(Level level, ReadOnlySpan<byte> name)
    {
        if (level == _top && name.SequenceEqual(_kept))
            return;

        level.Seen++;
        var isFolder = level.Entries.IsFolder;
        var error = 0;

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            error = isFolder ? level.Folder.RemoveFolder(name) : level.Folder.Unlink(name);

            switch (error)
            {
                case 0 or Errno.NoSuchEntry:
                    return;
                case Errno.NotEmpty or Errno.Exists when isFolder:
                    if (TryEnter(level, name, out error))
                        return;
                    break;
                case Errno.AccessDenied when level.Folder.MakeAccessible() == 0:
                    continue;
            }

            // The listing did not tell, or another process has put the one in the place of the other.
            if (error is not (Errno.NotAFolder or Errno.IsAFolder or Errno.IsALink))
                break;

            isFolder = error == Errno.IsAFolder;
        }

        Fail(name, error);
    }

    /// <summary>Goes on with a folder that is not empty, or puts it aside for later.</summary>
    private bool TryEnter(Level level, ReadOnlySpan<byte> name, out int error)
    {
        error = level.Folder.TryOpen(name, out var folder);

        if (error != 0)
            return error == Errno.NoSuchEntry;

        error = folder!.TryLook(out var status);

        if (error == 0 && !status.IsOnDeviceOf(_topStatus))
            error = Errno.OtherDevice;

        if (error == 0 && _levels.Count < MaxDepth)
        {
            _levels.Push(new Level(folder, name.ToArray()));
            return true;
        }

        using (folder)
        {
            if (error == 0)
                error = MoveToTop(level, name, folder);
        }

        return error == 0;
    }

    private int MoveToTop(Level level, ReadOnlySpan<byte> name, OpenFolder folder)
    {
        var newName = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_movedPrefix}-{_moved++}\0"));
        var error = level.Folder.Move(name, _top.Folder, newName);

        // A folder that changes its parent must itself be writable: its entry '..' changes.
        if (error == Errno.AccessDenied && folder.MakeAccessible() == 0 && level.Folder.MakeAccessible() == 0)
            error = level.Folder.Move(name, _top.Folder, newName);

        if (error == 0)
            _top.Scans = 0;

        return error;
    }

    private void EndScan(Level level)
    {
        // A folder that somebody else has removed meanwhile cannot be listed any more.
        if (level.Entries.Error is not (0 or Errno.NoSuchEntry))
            Fail([], level.Entries.Error);

        var isDone = level == _top ? level.Seen == 0 : level.Failures == 0 && (Parent().Folder.RemoveFolder(level.Name) is 0 or Errno.NoSuchEntry);

        // Some file systems pass over entries while others are deleted, and what was moved to the top may lie before the place that was read last.
        if (!isDone && level.Failures == 0 && level.Scans++ < MaxScans)
        {
            level.Seen = 0;
            level.Entries.Rewind();
            return;
        }

        if (!isDone && level.Failures == 0)
            Fail([], Errno.NotEmpty);

        Leave();
    }

    private Level Parent() => _levels.ElementAt(1);

    private void Leave()
    {
        var level = _levels.Pop();

        if (_levels.TryPeek(out var parent))
        {
            parent.Failures += level.Failures;
            level.Folder.Dispose();
        }
    }

    private void Abandon()
    {
        Fail([], Errno.TimedOut);

        while (_levels.Count > 0)
            Leave();
    }

    private void Fail(ReadOnlySpan<byte> name, int error)
    {
        if (_levels.TryPeek(out var level))
            level.Failures++;

        if (_failures++ == 0)
            _firstFailure = $"{PathOf(name)}: {Words(error)}";
    }

    private string PathOf(ReadOnlySpan<byte> name)
    {
        var below = new StringBuilder();

        foreach (var level in _levels.Reverse())
            Append(below, level.Name);

        Append(below, name);
        return below.Length <= MaxPathBytes ? _path + below : $"{_path}{below.ToString(0, MaxPathBytes)}...";
    }

    /// <summary>A script chose the name: nothing of it reaches a log as it is but printable ASCII.</summary>
    private static void Append(StringBuilder path, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return;

        path.Append('/');

        foreach (var letter in name[..^1])
        {
            if (letter is >= 0x20 and < 0x7f and not (byte)'\\')
                path.Append((char)letter);
            else
                path.Append(CultureInfo.InvariantCulture, $"\\x{letter:x2}");
        }
    }

    private static string Words(int error) => error switch
    {
        Errno.OtherDevice => "another file system is mounted there",
        Errno.TimedOut => "there is more than could be deleted in the time given",
        Errno.NotEmpty or Errno.Exists => "something still writes into it",
        Errno.Busy => "another file system is mounted there, or it is in use",
        _ => Marshal.GetPInvokeErrorMessage(error),
    };

    private sealed class Level(OpenFolder folder, byte[] name)
    {
        public OpenFolder Folder => folder;

        /// <summary>In the folder above; empty for the top.</summary>
        public byte[] Name => name;

        public FolderEntries Entries { get; } = new(folder);

        public int Seen { get; set; }

        public int Scans { get; set; }

        public int Failures { get; set; }
    }
}
