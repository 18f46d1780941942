using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;

namespace Servo.Infrastructure.Cgroups;

/// <summary>The cgroup of one run, in which each of its scripts begins. The kernel counts there what was refused to the run.</summary>
internal sealed class RunCgroup : IDisposable
{
    private readonly Action<RunCgroup>? _whenDone;
    private long _memory;
    private long _processes;

    /// <summary>Makes it, with its limits.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="limits">What is written into its files.</param>
    /// <param name="filter">The filter of system calls that keeps scripts in it; it stays the caller's.</param>
    /// <param name="whenDone">What a script's end does with it; nothing where the run's later scripts begin in it, too.</param>
    /// <exception cref="InterpreterException">It cannot be made.</exception>
    public RunCgroup(string path, CgroupLimits limits, SafeFileHandle filter, Action<RunCgroup>? whenDone = null)
    {
        (Path, _whenDone) = (path, whenDone);

        try
        {
            Directory.CreateDirectory(path);
            limits.Apply(path);
            var processes = File.OpenHandle(System.IO.Path.Join(path, CgroupFile.Processes), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            Entrance = new CgroupEntrance(processes, filter);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterpreterException($"A run's cgroup could not be made in '{System.IO.Path.GetDirectoryName(path)}': {e.Message}", e);
        }
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>How a script enters it.</summary>
    public CgroupEntrance Entrance { get; }

    /// <summary>Whether the run was refused something of this kind since the last call.</summary>
    public bool HasReached(LimitedResource resource) => resource switch
    {
        LimitedResource.Memory => HasGrown(ref _memory, Count("memory.events", "oom") + Count("memory.events", "oom_kill")),
        LimitedResource.Processes => HasGrown(ref _processes, Count("pids.events", "max")),
        _ => false,
    };

    /// <summary>Ends whatever is left in it, and removes it; <see langword="false"/> where that takes longer.</summary>
    public static bool TryRemove(string path)
    {
        try
        {
            CgroupFile.Write(System.IO.Path.Join(path, "cgroup.kill"), "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Before Linux 5.14 there is no such file. What is in it ends with its supervisor.
        }

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

    /// <summary>Says that no script begins in it any more.</summary>
    public void Close() => Entrance.Processes.Dispose();

    /// <summary>Says that a script has ended.</summary>
    public void Dispose() => _whenDone?.Invoke(this);

    private long Count(string file, string name) => CgroupFile.Count(System.IO.Path.Join(Path, file), name);

    private static bool HasGrown(ref long last, long now) => now > Interlocked.Exchange(ref last, now);
}
