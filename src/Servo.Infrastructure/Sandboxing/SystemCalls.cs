using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>The numbers of system calls on one kind of processor, and which of them a filter is about.</summary>
internal sealed class SystemCalls
{
    // These have one number on every processor.
    private static readonly FrozenDictionary<string, uint> _everywhere = new Dictionary<string, uint>
    {
        ["clone3"] = 435, ["fsconfig"] = 431, ["fsmount"] = 432, ["fsopen"] = 430, ["fspick"] = 433, ["io_uring_enter"] = 426, ["io_uring_register"] = 427,
        ["io_uring_setup"] = 425, ["mount_setattr"] = 442, ["move_mount"] = 429, ["open_tree"] = 428, ["open_tree_attr"] = 467, ["pidfd_getfd"] = 438,
        ["process_madvise"] = 440, ["quotactl_fd"] = 443,
    }.ToFrozenDictionary();

    private static readonly SystemCalls _x64 = new(
        architecture: 0xc000003e, // AUDIT_ARCH_X86_64
        foreignFrom: 0x40000000, // __X32_SYSCALL_BIT
        new Dictionary<string, uint>
        {
            ["acct"] = 163, ["add_key"] = 248, ["bpf"] = 321, ["clock_adjtime"] = 305, ["clock_settime"] = 227, ["clone"] = 56, ["delete_module"] = 176,
            ["adjtimex"] = 159, ["finit_module"] = 313, ["init_module"] = 175, ["ioctl"] = 16, ["ioperm"] = 173, ["iopl"] = 172, ["ioprio_set"] = 251,
            ["kcmp"] = 312, ["kexec_file_load"] = 320, ["kexec_load"] = 246, ["keyctl"] = 250, ["migrate_pages"] = 256, ["mount"] = 165,
            ["move_pages"] = 279, ["open_by_handle_at"] = 304, ["perf_event_open"] = 298, ["pivot_root"] = 155, ["prlimit64"] = 302,
            ["process_vm_readv"] = 310, ["process_vm_writev"] = 311, ["ptrace"] = 101, ["quotactl"] = 179, ["reboot"] = 169, ["request_key"] = 249,
            ["sched_setaffinity"] = 203, ["sched_setattr"] = 314, ["sched_setparam"] = 142, ["sched_setscheduler"] = 144, ["sendmmsg"] = 307,
            ["sendmsg"] = 46, ["sendto"] = 44, ["setdomainname"] = 171, ["sethostname"] = 170, ["setns"] = 308, ["setpriority"] = 141,
            ["settimeofday"] = 164, ["socket"] = 41, ["swapoff"] = 168, ["swapon"] = 167, ["syslog"] = 103, ["umount2"] = 166, ["unshare"] = 272,
            ["userfaultfd"] = 323, ["vhangup"] = 153,
        });

    private static readonly SystemCalls _arm64 = new(
        architecture: 0xc00000b7, // AUDIT_ARCH_AARCH64
        foreignFrom: null,
        new Dictionary<string, uint>
        {
            ["acct"] = 89, ["add_key"] = 217, ["bpf"] = 280, ["clock_adjtime"] = 266, ["clock_settime"] = 112, ["clone"] = 220, ["delete_module"] = 106,
            ["adjtimex"] = 171, ["finit_module"] = 273, ["init_module"] = 105, ["ioctl"] = 29, ["ioprio_set"] = 30, ["kcmp"] = 272,
            ["kexec_file_load"] = 294, ["kexec_load"] = 104, ["keyctl"] = 219, ["migrate_pages"] = 238, ["mount"] = 40, ["move_pages"] = 239,
            ["open_by_handle_at"] = 265, ["perf_event_open"] = 241, ["pivot_root"] = 41, ["prlimit64"] = 261, ["process_vm_readv"] = 270,
            ["process_vm_writev"] = 271, ["ptrace"] = 117, ["quotactl"] = 60, ["reboot"] = 142, ["request_key"] = 218, ["sched_setaffinity"] = 122,
            ["sched_setattr"] = 274, ["sched_setparam"] = 118, ["sched_setscheduler"] = 119, ["sendmmsg"] = 269, ["sendmsg"] = 211, ["sendto"] = 206,
            ["setdomainname"] = 162, ["sethostname"] = 161, ["setns"] = 268, ["setpriority"] = 140, ["settimeofday"] = 170, ["socket"] = 198,
            ["swapoff"] = 225, ["swapon"] = 224, ["syslog"] = 116, ["umount2"] = 39, ["unshare"] = 97, ["userfaultfd"] = 282, ["vhangup"] = 58,
        });

    private readonly FrozenDictionary<string, uint> _numbers;

    private SystemCalls(uint architecture, uint? foreignFrom, Dictionary<string, uint> numbers) =>
        (Architecture, ForeignFrom, _numbers) = (architecture, foreignFrom, numbers.Concat(_everywhere).ToFrozenDictionary());

    /// <summary>Those of this processor; <see langword="null"/> where they are not known here.</summary>
    public static SystemCalls? OfThisProcessor => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => _x64,
        System.Runtime.InteropServices.Architecture.Arm64 => _arm64,
        _ => null,
    };

    /// <summary>What is refused whatever its arguments.</summary>
    public static IReadOnlyList<string> Refused { get; } =
    [
        // Other processes and the kernel itself.
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "perf_event_open", "bpf", "userfaultfd",
        "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl", "syslog",
        // File systems and namespaces.
        "mount", "umount2", "pivot_root", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "open_tree_attr", "move_mount", "mount_setattr",
        "open_by_handle_at", "unshare", "setns", "quotactl", "quotactl_fd",
        // The machine.
        "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "settimeofday",
        "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "vhangup", "iopl", "ioperm",
    ];

    /// <summary>What may be done to the calling process only: its first argument is a process's id, 0 for one's own.</summary>
    public static IReadOnlyList<string> OfOneProcess { get; } =
        ["prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "migrate_pages", "move_pages"];

    /// <summary>The processor as the kernel names it to a filter.</summary>
    public uint Architecture { get; }

    /// <summary>The first number of another interface on the same processor, which nothing uses; <see langword="null"/> where there is none.</summary>
    public uint? ForeignFrom { get; }

    /// <summary>A call's number; <see langword="null"/> where this processor has no such call.</summary>
    public uint? this[string name] => _numbers.TryGetValue(name, out var number) ? number : null;
}
