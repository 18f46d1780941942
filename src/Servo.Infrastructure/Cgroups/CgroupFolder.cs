using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Cgroups;

/// <summary>
/// The cgroup that was delegated to this host, taken by a lock (flock(2)) as long as it lives: what another host has left in it ends. The host itself moves
/// into one below where it is in this one, as the kernel limits the cgroups in one that has no processes itself.
/// </summary>
internal sealed class CgroupFolder : IDisposable
{
    private const long Version2 = 0x63677270; // CGROUP2_SUPER_MAGIC
    private const string OfHost = "gateway";
    private const string OfRuns = "servo-run-";

    // Its owner does all with it; others pass. Whoever could open it could hold the lock.
    private const uint Passable = 0x1c9; // 0711

    private readonly SafeFileHandle _folder;

    private CgroupFolder(string path, SafeFileHandle taken) => (Path, _folder) = (path, taken);

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>The filter of system calls that keeps scripts in their runs' cgroups.</summary>
    public SafeFileHandle CallFilter { get; } = Sandboxing.CallFilter.MakeFileAgainstLeaving();

    /// <summary>Takes it, and makes sure that a run's cgroup can be made in it and entered. Call it before there are scripts: it waits for a program.</summary>
    /// <exception cref="InterpreterException">It cannot be taken, or not do what it is to do; the message begins with the key of a setting.</exception>
    public static CgroupFolder Take(string path, CgroupLimits limits)
    {
        var taken = FileCalls.Open(path, FileCalls.Folder, 0);

        try
        {
            if (taken.IsInvalid)
                throw Problem(path, $"cannot be opened ({Marshal.GetLastPInvokeErrorMessage()}): name the folder of a cgroup that was delegated to the gateway");

            if (!FileCalls.ReadFileSystem(taken, out var kind) || kind != Version2)
                throw Problem(path, "is not a cgroup of version 2 (cgroups(7)): name the folder of the one that was delegated to the gateway");

            Open(taken);

            if (FileCalls.Lock(taken, FileCalls.LockExclusively | FileCalls.LockWithoutWaiting) != 0)
                throw Problem(path, "is locked by another process, most likely a gateway that runs: each needs its own");

            var folder = new CgroupFolder(path, taken);
            folder.EndLeft();
            folder.Enable([.. limits.Controllers]);
            folder.Try(limits);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            taken.Dispose();
            throw new InterpreterException($"{ScriptOptions.CgroupKey}: '{path}' cannot be used ({e.Message}): delegate it to the gateway's user.", e);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Makes a cgroup for a run; see <see cref="RunCgroup"/>.</summary>
    /// <exception cref="InterpreterException">It cannot be made.</exception>
    public RunCgroup Make(CgroupLimits limits, Action<RunCgroup>? whenDone)
    {
        var name = OfRuns + Guid.NewGuid().ToString("N");
        var path = System.IO.Path.Join(Path, name);

        // By the descriptor: a folder that was made anew under the same name is not the one that was taken. A script may have shut it (chmod).
        if (FileCalls.MakeFolderAt(_folder, OpenFolder.Name(name), RunCgroup.Listed) != 0)
        {
            Open(_folder);

            if (FileCalls.MakeFolderAt(_folder, OpenFolder.Name(name), RunCgroup.Listed) != 0)
                throw new InterpreterException($"No cgroup can be made in '{Path}' ({ScriptOptions.CgroupKey}): {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        try
        {
            return new RunCgroup(path, limits, CallFilter, whenDone);
        }
        catch (Exception e)
        {
            RunCgroup.TryRemove(path);
            throw e is IOException or UnauthorizedAccessException ? new InterpreterException($"The cgroup '{path}' cannot be used: {e.Message}", e) : e;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CallFilter.Dispose();
        _folder.Dispose();
    }

    private static InterpreterException Problem(string path, string what) => new($"{ScriptOptions.CgroupKey}: '{path}' {what}.");

    private static void Open(SafeFileHandle folder) => FileCalls.ChangeMode(folder, Passable);

    private void EndLeft()
    {
        foreach (var left in Directory.EnumerateDirectories(Path, OfRuns + "*").Where(IsOfRun))
            RunCgroup.TryRemove(left);

        static bool IsOfRun(string path) =>
            Guid.TryParseExact(System.IO.Path.GetFileName(path.AsSpan())[OfRuns.Length..], "N", out _);
    }

    private void Enable(string[] controllers)
    {
        var missing = controllers.Except(File.ReadAllText(System.IO.Path.Join(Path, "cgroup.controllers")).Split((char[])[' ', '\n']));

        if (string.Join(", ", missing) is { Length: > 0 } names)
            throw Problem(Path, $"has no controller for {names}: delegate it with that (systemd: Delegate=yes), or remove the limit");

        var wanted = string.Join(' ', controllers.Select(name => '+' + name));

        if (wanted.Length == 0 || TryEnable(wanted))
            return;

        var own = Directory.CreateDirectory(System.IO.Path.Join(Path, OfHost));
        CgroupFile.Write(System.IO.Path.Join(own.FullName, CgroupFile.Processes), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

        if (!TryEnable(wanted))
        {
            var others = File.ReadAllText(System.IO.Path.Join(Path, CgroupFile.Processes)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw Problem(
                Path, $"holds other processes ({string.Join(", ", others)}), so that the kernel limits nothing below it: start them in one of their own");
        }
    }

    private bool TryEnable(string controllers)
    {
        try
        {
            CgroupFile.Write(System.IO.Path.Join(Path, "cgroup.subtree_control"), controllers);
            return true;
        }
        catch (IOException e) when (e.HResult == Errno.Busy && File.ReadLines(System.IO.Path.Join(Path, CgroupFile.Processes)).Any())
        {
            return false;
        }
    }

    private void Try(CgroupLimits limits)
    {
        var trial = Make(limits, whenDone: null);
        using var waits = SpawnedProcess.Start("/bin/sleep", ["60"], []);

        try
        {
            CgroupFile.Write(System.IO.Path.Join(trial.Path, CgroupFile.Processes), waits.Id.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Problem(Path, $"cannot be entered from the gateway's own cgroup ({e.Message}): run the gateway in one below it");
        }
        finally
        {
            waits.Kill();
            waits.Exit();
            trial.Close();
            RunCgroup.TryRemove(trial.Path);
        }
    }
}
