using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Servo.Application.Settings;
using Servo.Domain;

namespace Servo.Application.Scripts;

/// <summary>How scripts are run.</summary>
public sealed class ScriptOptions : IValidatableObject
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Scripts";

    /// <summary>The key of <see cref="Python"/>.</summary>
    public const string PythonKey = Section + ":" + nameof(Python);

    /// <summary>The key of <see cref="Interpreters"/>.</summary>
    public const string InterpretersKey = Section + ":" + nameof(Interpreters);

    /// <summary>The key of <see cref="Environment"/>.</summary>
    public const string EnvironmentKey = Section + ":" + nameof(Environment);

    /// <summary>The key of <see cref="PassThrough"/>.</summary>
    public const string PassThroughKey = Section + ":" + nameof(PassThrough);

    /// <summary>The key of <see cref="Warm"/>.</summary>
    public const string WarmKey = Section + ":" + nameof(Warm);

    /// <summary>The key of <see cref="Preload"/>.</summary>
    public const string PreloadKey = Section + ":" + nameof(Preload);

    /// <summary>The key of <see cref="Sandbox"/>.</summary>
    public const string SandboxKey = Section + ":" + nameof(Sandbox);

    /// <summary>The key of <see cref="Readable"/>.</summary>
    public const string ReadableKey = Section + ":" + nameof(Readable);

    /// <summary>The key of <see cref="Writable"/>.</summary>
    public const string WritableKey = Section + ":" + nameof(Writable);

    /// <summary>The key of <see cref="Connect"/>.</summary>
    public const string ConnectKey = Section + ":" + nameof(Connect);

    /// <summary>The key of <see cref="Network"/>.</summary>
    public const string NetworkKey = Section + ":" + nameof(Network);

    /// <summary>The key of <see cref="Users"/>.</summary>
    public const string UsersKey = Section + ":" + nameof(Users);

    /// <summary>The key of <see cref="MaxCpuTime"/>.</summary>
    public const string MaxCpuTimeKey = Section + ":" + nameof(MaxCpuTime);

    /// <summary>The key of <see cref="MaxAddressSpace"/>.</summary>
    public const string MaxAddressSpaceKey = Section + ":" + nameof(MaxAddressSpace);

    /// <summary>The key of <see cref="MaxFileBytes"/>.</summary>
    public const string MaxFileBytesKey = Section + ":" + nameof(MaxFileBytes);

    /// <summary>The key of <see cref="MaxOpenFiles"/>.</summary>
    public const string MaxOpenFilesKey = Section + ":" + nameof(MaxOpenFiles);

    /// <summary>The key of <see cref="MaxProcesses"/>.</summary>
    public const string MaxProcessesKey = Section + ":" + nameof(MaxProcesses);

    /// <summary>The key of <see cref="MaxWorkspaceBytes"/>.</summary>
    public const string MaxWorkspaceBytesKey = Section + ":" + nameof(MaxWorkspaceBytes);

    /// <summary>The key of <see cref="Cgroup"/>.</summary>
    public const string CgroupKey = Section + ":" + nameof(Cgroup);

    /// <summary>The key of <see cref="MaxMemoryBytes"/>.</summary>
    public const string MaxMemoryBytesKey = Section + ":" + nameof(MaxMemoryBytes);

    /// <summary>The key of <see cref="CpuWeight"/>.</summary>
    public const string CpuWeightKey = Section + ":" + nameof(CpuWeight);

    /// <summary>The key of <see cref="IoWeight"/>.</summary>
    public const string IoWeightKey = Section + ":" + nameof(IoWeight);

    /// <summary>The key of <see cref="MaxIoBytesPerSecond"/>.</summary>
    public const string MaxIoBytesPerSecondKey = Section + ":" + nameof(MaxIoBytesPerSecond);

    /// <summary>The key of <see cref="Timeout"/>.</summary>
    public const string TimeoutKey = Section + ":" + nameof(Timeout);

    private const int MaxWeight = 10_000;

    /// <summary>The interpreter: a path, or a name that is looked up in PATH.</summary>
    /// <value>Default <c>python3</c>.</value>
    [NotEmpty]
    public string Python { get; set; } = "python3";

    /// <summary>The interpreters of scripts that are not in Python, by the endings of their names, such as <c>.sh</c>.</summary>
    /// <value>Absolute paths, or names that are looked up in PATH; default: none, and Python runs every script.</value>
    public IReadOnlyDictionary<string, string> Interpreters { get; set; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Variables that every script finds in its environment.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Variables of the host that scripts find in their environment as well.</summary>
    /// <value>Names, or the beginnings of names with <c>*</c> behind them, such as <c>KUBERNETES_*</c>; default: none.</value>
    public IReadOnlyList<string> PassThrough { get; set; } = [];

    /// <summary>How long all scripts of a run may take together.</summary>
    /// <value>From one millisecond to 24 days; default 1 hour.</value>
    [TimeLimit]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether scripts are forked from an interpreter that has started already, where it can be done so that they cannot tell.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Warm { get; set; } = true;

    /// <summary>Modules that this interpreter loads ahead; those that are not installed are left out.</summary>
    /// <value>Default: what <c>servo</c>, <c>json</c> and <c>requests</c> need.</value>
    public IReadOnlyList<string> Preload { get; set; } =
        ["servo", "servo._portal", "servo._json_text", "servo._uploads", "tarfile", "gzip", "tempfile", "json", "requests"];

    /// <summary>What is out of the scripts' reach; the host does not start where the kernel cannot do what is set.</summary>
    /// <value>Default: <see cref="ScriptSandbox.Neighbours"/> where the kernel can, else <see cref="ScriptSandbox.None"/>.</value>
    public ScriptSandbox? Sandbox { get; set; }

    /// <summary>
    /// Files and folders that scripts may read in <see cref="ScriptSandbox.Strict"/> and <see cref="ScriptSandbox.Bubblewrap"/>, besides the system's.
    /// </summary>
    /// <value>Absolute paths; default: none.</value>
    public IReadOnlyList<string> Readable { get; set; } = [];

    /// <summary>Files and folders that scripts may read and change there, besides their run's own.</summary>
    /// <value>Absolute paths; default: none.</value>
    public IReadOnlyList<string> Writable { get; set; } = [];

    /// <summary>TCP ports, of any address, that scripts may connect to there.</summary>
    /// <value>Whole numbers from 1 to 65,535; default: none.</value>
    public IReadOnlyList<string> Connect { get; set; } = [];

    /// <summary>Whether scripts in <see cref="ScriptSandbox.Bubblewrap"/> have the host's network; without it they reach the portal alone.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Network { get; set; } = true;

    /// <summary>Users of whom each run has one of its own, with the group of the same number and no other; the host has to run as root.</summary>
    /// <value>Two numbers, such as <c>200000-200999</c>; default: scripts run as the host's user.</value>
    public string? Users { get; set; }

    /// <summary>How long each process of a script may keep a processor busy; see RLIMIT_CPU in getrlimit(2).</summary>
    /// <value>Whole seconds from one second to 24 days; default: no limit.</value>
    [TimeLimit]
    public TimeSpan? MaxCpuTime { get; set; }

    /// <summary>The most bytes of address space that each process of a script may have, reserved or used; see RLIMIT_AS in getrlimit(2).</summary>
    /// <value>From 64 MiB, which an interpreter needs; default: no limit.</value>
    [AtLeast(64L << 20)]
    public long? MaxAddressSpace { get; set; }

    /// <summary>The largest file in bytes that a script may write; see RLIMIT_FSIZE in getrlimit(2).</summary>
    /// <value>From 0; default: no limit.</value>
    [AtLeast(0)]
    public long? MaxFileBytes { get; set; }

    /// <summary>How many files each process of a script may have open; see RLIMIT_NOFILE in getrlimit(2).</summary>
    /// <value>From 16; default: 1,024, which a process may raise to the host's own hard limit.</value>
    [AtLeast(16)]
    public long? MaxOpenFiles { get; set; }

    /// <summary>
    /// How many processes and threads a run may have at the same time, where it has a cgroup of its own (<see cref="Cgroup"/>; see pids.max in cgroups(7))
    /// or else a user of its own (<see cref="Users"/>; see RLIMIT_NPROC in getrlimit(2)).
    /// </summary>
    /// <value>From 1; default: no limit but the machine's.</value>
    [AtLeast(1)]
    public long? MaxProcesses { get; set; }

    /// <summary>
    /// How many bytes the files of a run may take on the disk. The gateway looks before and after each script, and every second while it runs or, where there are
    /// many files, less often; above the limit the run fails, and a script that runs is ended.
    /// </summary>
    /// <value>From 1 MiB; default: no limit.</value>
    [AtLeast(1L << 20)]
    public long? MaxWorkspaceBytes { get; set; }

    /// <summary>
    /// The folder of a cgroup of version 2 that was delegated to the host: each run has a cgroup of its own in it; see cgroups(7). One gateway uses it at
    /// a time.
    /// </summary>
    /// <value>An absolute path; default: runs have no cgroups of their own.</value>
    public string? Cgroup { get; set; }

    /// <summary>
    /// The most bytes of memory that all processes of a run may use together, where it has a cgroup of its own; see memory.max in cgroups(7).
    /// </summary>
    /// <value>From 1 MiB; default: no limit.</value>
    [AtLeast(1L << 20)]
    public long? MaxMemoryBytes { get; set; }

    /// <summary>A run's share of the processors where there are not enough, by its cgroup; the kernel's default is 100; see cpu.weight in cgroups(7).</summary>
    /// <value>From 1 to 10,000; default: the kernel's.</value>
    [Range(1, MaxWeight)]
    public int? CpuWeight { get; set; }

    /// <summary>A run's share of its disk where that is busy, by its cgroup; the kernel's default is 100; see io.weight in cgroups(7).</summary>
    /// <value>From 1 to 10,000; default: the kernel's.</value>
    [Range(1, MaxWeight)]
    public int? IoWeight { get; set; }

    /// <summary>
    /// The most bytes that a run may read each second from the disk with the workspaces, and write to it, where it has a cgroup of its own; see io.max in
    /// cgroups(7).
    /// </summary>
    /// <value>From 1; default: no limit.</value>
    [AtLeast(1)]
    public long? MaxIoBytesPerSecond { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        ScriptEndings.Problems(this).Concat(ScriptVariables.Problems(this)).Concat(PreloadProblems()).Concat(AccessProblems()).Concat(LimitProblems())
            .Select(problem => new ValidationResult(problem));

    private IEnumerable<string> PreloadProblems() =>
        from module in Preload
        where !module.Split('.').All(VariableName.IsIdentifier)
        select $"{PreloadKey}: '{module}' is not the name of a module.";

    private IEnumerable<string> LimitProblems()
    {
        if (MaxCpuTime is { } time && time.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return $"{MaxCpuTimeKey} must be whole seconds.";

        if (MaxProcesses is not null && Users is null && Cgroup is null)
            yield return $"{MaxProcessesKey} has an effect only where each run has a user or a cgroup of its own: set {UsersKey} or {CgroupKey}, or remove it.";

        if (Cgroup is not null && !Path.IsPathFullyQualified(Cgroup))
            yield return $"{CgroupKey}: '{Cgroup}' is not an absolute path.";

        (string Key, long? Value)[] ofCgroup =
            [(MaxMemoryBytesKey, MaxMemoryBytes), (CpuWeightKey, CpuWeight), (IoWeightKey, IoWeight), (MaxIoBytesPerSecondKey, MaxIoBytesPerSecond)];

        foreach (var (key, _) in ofCgroup.Where(setting => setting.Value is not null && Cgroup is null))
            yield return $"{key} has an effect only where each run has a cgroup of its own: set {CgroupKey}, or remove it.";

        // Two are bubblewrap's own.
        if (MaxProcesses < 3 && Sandbox == ScriptSandbox.Bubblewrap)
            yield return $"{MaxProcessesKey} must be at least 3 where {SandboxKey} is {nameof(ScriptSandbox.Bubblewrap)}, which takes two of them.";

        if (Users is not null && !UserRange.TryParse(Users, out _))
            yield return $"{UsersKey}: '{Users}' must be a range of users, the first and the last, such as 200000-200999.";
    }

    private IEnumerable<string> AccessProblems()
    {
        (string Key, IReadOnlyList<string> Paths)[] places = [(ReadableKey, Readable), (WritableKey, Writable)];

        foreach (var (key, path) in places.SelectMany(place => place.Paths.Select(path => (place.Key, path))))
        {
            if (!path.StartsWith('/') || path.Contains('\0'))
                yield return $"{key}: '{path}' is not an absolute path.";
        }

        foreach (var port in Connect.Where(port => !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0))
            yield return $"{ConnectKey}: '{port}' is not a port: name numbers from 1 to {ushort.MaxValue}.";

        // Whoever sets these believes that what they do not name is closed.
        if (Sandbox is not (ScriptSandbox.Strict or ScriptSandbox.Bubblewrap) && (Readable.Count > 0 || Writable.Count > 0 || Connect.Count > 0))
        {
            yield return $"{ReadableKey}, {WritableKey} and {ConnectKey} have an effect only where {SandboxKey} is {nameof(ScriptSandbox.Strict)} or "
                + $"{nameof(ScriptSandbox.Bubblewrap)}: set that, or remove them.";
        }

        if (!Network && Sandbox != ScriptSandbox.Bubblewrap)
            yield return $"{NetworkKey} has an effect only where {SandboxKey} is {nameof(ScriptSandbox.Bubblewrap)}: set that, or remove it.";

        if (!Network && Connect.Count > 0)
            yield return $"{ConnectKey} names ports, which cannot be reached without a network: remove it, or {NetworkKey}.";
    }
}
