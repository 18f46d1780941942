using System.Text.RegularExpressions;
using Servo.Application.Scripts;
using Servo.Infrastructure.Cgroups;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// The limits of a script, and which of them a script that failed has reached. The kernel ends a process only at that of its processor time; the others it tells to the process as
/// an error, which programs put in words of their own: so it is told as far as it can be known. What it refuses to a run as a whole it counts in the run's
/// cgroup.
/// </summary>
internal sealed partial class ReachedLimits(IReadOnlyList<ScriptLimit> limits, bool hasCgroups = false)
{
    private const int Killed = 128 + 9;
    private const int OutOfCpuTime = 128 + 24; // SIGXCPU
    private const int FileTooLarge = 128 + 25; // SIGXFSZ

    /// <summary>The limits of each process that are set, by their names without RLIMIT_.</summary>
    public IReadOnlyDictionary<string, long> Numbers { get; } = limits.Where(limit => IsOfProcess(limit, hasCgroups)).ToDictionary(limit => limit.Resource switch
    {
        LimitedResource.CpuTime => "CPU",
        LimitedResource.FileBytes => "FSIZE",
        LimitedResource.AddressSpace => "AS",
        LimitedResource.Processes => "NPROC",
        _ => "NOFILE",
    }, limit => limit.Value);

    /// <summary>The limit of the files of a run, if one is set.</summary>
    public ScriptLimit? OfWorkspace { get; } = limits.FirstOrDefault(limit => limit.Resource == LimitedResource.WorkspaceBytes);

    /// <summary>The limit, out of those that are set; <see langword="null"/> where it failed for another reason, as far as is known.</summary>
    public ScriptLimit? Of(ScriptExit exit, OutputTail said, RunCgroup? cgroup = null) =>
        limits.FirstOrDefault(limit => limit.Resource switch
        {
            LimitedResource.CpuTime => exit.Code == OutOfCpuTime || (exit.Code == Killed && exit.Usage?.Cpu.TotalSeconds >= limit.Value),
            LimitedResource.FileBytes => exit.Code == FileTooLarge || Says(said, TooLarge()),
            LimitedResource.AddressSpace => Says(said, NoMemory()) || (OfProcesses is null && Says(said, NoThread())),
            LimitedResource.Memory => cgroup?.HasReached(limit.Resource) == true,
            LimitedResource.Processes => cgroup?.HasReached(limit.Resource) ?? Says(said, NoProcess()),
            LimitedResource.WorkspaceBytes => false, // the gateway's own doing
            _ => Says(said, TooManyFiles()),
        });

    private ScriptLimit? OfProcesses => limits.FirstOrDefault(limit => limit.Resource == LimitedResource.Processes);

    /// <summary>Whether it is one that each process of a script sets for itself.</summary>
    private static bool IsOfProcess(ScriptLimit limit, bool hasCgroups) => limit.Resource switch
    {
        LimitedResource.WorkspaceBytes or LimitedResource.Memory => false,
        LimitedResource.Processes => !hasCgroups,
        _ => true,
    };

    private static bool Says(OutputTail said, Regex words) => said.LinesFromTheEnd().Any(words.IsMatch);

    [GeneratedRegex(@"\bMemoryError\b|cannot allocate memory|out of memory|memory exhausted|bad_alloc|ENOMEM", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoMemory();

    // A thread needs a stack.
    [GeneratedRegex("can't start new thread", RegexOptions.CultureInvariant)]
    private static partial Regex NoThread();

    [GeneratedRegex("file too large|EFBIG|file size limit exceeded", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TooLarge();

    [GeneratedRegex("resource temporarily unavailable|can't start new thread|cannot fork|EAGAIN", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoProcess();

    [GeneratedRegex("too many open files|EMFILE", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TooManyFiles();
}
