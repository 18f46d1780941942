using System.Runtime.InteropServices;

namespace Servo.Infrastructure.Processes;

/// <summary>
/// Makes this process the one that adopts what its descendants leave behind (prctl(2), PR_SET_CHILD_SUBREAPER): the last line of defence, for when a
/// script has ended its supervisor and the fork server above it. For a process whose children are all Servo's: every other child counts as left behind.
/// </summary>
public static class Subreaper
{
    private const int StopPasses = 100;

    private static readonly TimeSpan _giveUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(50);

    // Children that this process has started itself, and that something here waits for; and supervisors, which become children when their fork server ends.
    private static readonly HashSet<int> _started = [];
    private static readonly HashSet<int> _supervisors = [];

    private static PosixSignalRegistration? _childEnded;

    /// <summary>Held while a child is started, and while unknown ones are looked for.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>Begins to adopt. Call it once, before the first run.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Enable()
    {
        if (Libc.prctl(Libc.ChildSubreaper, 1, 0, 0, 0) != 0)
            throw Libc.Failure("prctl(PR_SET_CHILD_SUBREAPER)");

        // An adopted process that ends by itself is collected, or it would stay in the process table.
        _childEnded ??= PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Collect());
    }

    internal static void Know(int child) => Change(_started.Add, child);

    internal static void Forget(int child) => Change(_started.Remove, child);

    internal static void Spare(int supervisor) => Change(_supervisors.Add, supervisor);

    internal static void SpareNoLonger(int supervisor) => Change(_supervisors.Remove, supervisor);

    /// <summary>
    /// Kills every adopted process that is not a supervisor, and waits until none is left; <see langword="false"/> where one cannot be
    /// ended.
    /// </summary>
    internal static async Task<bool> EndStraysAsync()
    {
        if (_childEnded is null)
            return true;

        using var limit = new CancellationTokenSource(_giveUp);

        while (KillStrays())
        {
            if (limit.IsCancellationRequested)
                return false;

            await Task.Delay(_lookAgain, CancellationToken.None);
        }

        return true;
    }

    /// <summary>Kills what was left behind; returns whether there was anything.</summary>
    private static bool KillStrays()
    {
        lock (Gate)
        {
            var stopped = new HashSet<int>();

            // Stopped first: a process that forks faster than we look would otherwise always be one child ahead.
            for (var pass = 0; pass < StopPasses; pass++)
            {
                var found = Collect(new ProcessTable());
                found.ExceptWith(stopped);

                if (found.Count == 0)
                    break;

                Send(found, Libc.Stop);
                stopped.UnionWith(found);
            }

            Send(stopped, Libc.Kill);
            return stopped.Count > 0;
        }
    }

    private static void Collect()
    {
        lock (Gate)
            Collect(new ProcessTable());
    }

    /// <summary>
    /// Collects adopted processes that have ended; returns the living ones that are not supervisors, with all below them.
    /// </summary>
    private static HashSet<int> Collect(ProcessTable processes)
    {
        var adopted = processes.Children(Environment.ProcessId)
            .Where(child => !_started.Contains(child) && Libc.waitpid(child, out _, Libc.NoHang) == 0)
            .ToList();
        return processes.Trees(adopted.Where(child => !_supervisors.Contains(child)));
    }

    private static void Send(HashSet<int> processes, int signal)
    {
        foreach (var process in processes)
            _ = Libc.kill(process, signal);
    }

    private static void Change(Func<int, bool> change, int id)
    {
        lock (Gate)
            change(id);
    }
}
