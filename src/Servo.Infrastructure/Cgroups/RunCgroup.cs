using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Cgroups;

/// <summary>
/// The cgroup of one run, in which each of its scripts begins. The kernel counts there what was refused to the run; the counters are open from the start, as
/// a script of the gateway's user may shut them (chmod).
/// </summary>
internal sealed class RunCgroup : IDisposable
{
    /// <summary>The mode of its folder.</summary>
    internal const uint Listed = 0x1ed; // 0755

    // No script in a sandbox makes any; who is in none may make as many as there is memory for.
    private const int MostBelow = 100;

    private const uint Writable = 0x180; // 0600

    private readonly Action<RunCgroup>? _whenDone;
    private readonly SafeFileHandle? _memoryEvents;
    private readonly SafeFileHandle? _processEvents;
    private long _memory;
    private long _processes;

    /// <summary>Takes a folder that was made, and sets its limits.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="limits">What is written into its files.</param>
    /// <param name="filter">The filter of system calls that keeps scripts in it; it stays the caller's.</param>
    /// <param name="whenDone">What a script's end does with it; nothing where the run's later scripts begin in it, too.</param>
    /// <exception cref="InterpreterException">The kernel does not take a limit.</exception>
    /// <exception cref="IOException">It is gone.</exception>
    public RunCgroup(string path, CgroupLimits limits, SafeFileHandle filter, Action<RunCgroup>? whenDone)
    {
        (Path, _whenDone) = (path, whenDone);
        limits.Apply(path);
        Entrance = new CgroupEntrance(CgroupFile.OpenForWriting(System.IO.Path.Join(path, CgroupFile.Processes)), filter);
        _memoryEvents = OpenCounts("memory.events");
        _processEvents = OpenCounts("pids.events");
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>How a script enters it.</summary>
    public CgroupEntrance Entrance { get; }

    /// <summary>Says that a script begins in it: what was refused before was not refused to that one.</summary>
    public void Begin() => (_memory, _processes) = (CountMemory(), CountProcesses());

    /// <summary>Whether the script that began last, or what it has started, was refused something of this kind.</summary>
    public bool HasReached(LimitedResource resource) => resource switch
    {
        LimitedResource.Memory => CountMemory() > _memory,
        LimitedResource.Processes => CountProcesses() > _processes,
        _ => false,
    };

    /// <summary>Ends whatever is left in it and in those below, and removes them; <see langword="false"/> where that takes longer.</summary>
    public static bool TryRemove(string path) => TryRemove(path, MostBelow);

    /// <summary>Says that no script begins in it any more.</summary>
    public void Close()
    {
        Entrance.Processes.Dispose();
        _memoryEvents?.Dispose();
        _processEvents?.Dispose();
    }

    /// <summary>Says that a script has ended.</summary>
    public void Dispose() => _whenDone?.Invoke(this);

    private static bool TryRemove(string path, int depth)
    {
        // Almost always nothing is in it.
        if (TryDelete(path))
            return true;

        // A script of the gateway's user may have shut it.
        FileCalls.ChangeMode(path, Listed);
        Kill(System.IO.Path.Join(path, "cgroup.kill"));

        try
        {
            foreach (var below in depth == 0 ? [] : Directory.EnumerateDirectories(path))
                TryRemove(below, depth - 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone meanwhile, or cannot be removed.
        }

        return TryDelete(path);
    }

    /// <summary>Kills what is in a cgroup and in those below, from Linux 5.14 on; before, it ends with its supervisor.</summary>
    private static void Kill(string file)
    {
        FileCalls.ChangeMode(file, Writable);

        try
        {
            CgroupFile.Write(file, "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An older kernel.
        }
    }

    private static bool TryDelete(string path)
    {
        try
        {
            Directory.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return !Directory.Exists(path);
        }
    }

    private SafeFileHandle? OpenCounts(string name)
    {
        var path = System.IO.Path.Join(Path, name);
        return File.Exists(path) ? File.OpenHandle(path, share: FileShare.ReadWrite) : null;
    }

    private long CountMemory() => _memoryEvents is null ? 0 : CgroupFile.Count(_memoryEvents, "oom", "oom_kill");

    private long CountProcesses() => _processEvents is null ? 0 : CgroupFile.Count(_processEvents, "max");
}
