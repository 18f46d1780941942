using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>The numbers of system calls on one kind of processor, and which of them a filter is about.</summary>
internal sealed class SystemCalls
{
    // On x86-64 and on arm64, as the kernel's unistd.h has them.
    private static readonly (string Name, uint? X64, uint? Arm64)[] _table =
    [
        ("acct", 163, 89), ("add_key", 248, 217), ("adjtimex", 159, 171), ("bpf", 321, 280), ("clock_adjtime", 305, 266), ("clock_settime", 227, 112),
        ("clone", 56, 220), ("clone3", 435, 435), ("delete_module", 176, 106), ("fanotify_init", 300, 262), ("finit_module", 313, 273),
        ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fsopen", 430, 430), ("fspick", 433, 433), ("init_module", 175, 105),
        ("inotify_init", 253, null), ("inotify_init1", 294, 26), ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427),
        ("io_uring_setup", 425, 425), ("ioctl", 16, 29), ("ioperm", 173, null), ("iopl", 172, null), ("ioprio_set", 251, 30), ("kcmp", 312, 272),
        ("kexec_file_load", 320, 294), ("kexec_load", 246, 104), ("keyctl", 250, 219), ("migrate_pages", 256, 238), ("mount", 165, 40),
        ("mount_setattr", 442, 442), ("move_mount", 429, 429), ("move_pages", 279, 239), ("mq_open", 240, 180), ("mq_unlink", 241, 181),
        ("msgctl", 71, 187), ("msgget", 68, 186), ("msgrcv", 70, 188), ("msgsnd", 69, 189), ("open_by_handle_at", 304, 265), ("open_tree", 428, 428),
        ("open_tree_attr", 467, 467), ("perf_event_open", 298, 241), ("pidfd_getfd", 438, 438), ("pivot_root", 155, 41), ("prlimit64", 302, 261),
        ("process_madvise", 440, 440), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271), ("ptrace", 101, 117), ("quotactl", 179, 60),
        ("quotactl_fd", 443, 443), ("reboot", 169, 142), ("request_key", 249, 218), ("sched_setaffinity", 203, 122), ("sched_setattr", 314, 274),
        ("sched_setparam", 142, 118), ("sched_setscheduler", 144, 119), ("semctl", 66, 191), ("semget", 64, 190), ("semop", 65, 193),
        ("semtimedop", 220, 192), ("sendmmsg", 307, 269), ("sendmsg", 46, 211), ("sendto", 44, 206), ("setdomainname", 171, 162),
        ("sethostname", 170, 161), ("setns", 308, 268), ("setpriority", 141, 140), ("settimeofday", 164, 170), ("shmat", 30, 196),
        ("shmctl", 31, 195), ("shmget", 29, 194), ("socket", 41, 198), ("swapoff", 168, 225), ("swapon", 167, 224), ("syslog", 103, 116),
        ("umount2", 166, 39), ("unshare", 272, 97), ("userfaultfd", 323, 282), ("vhangup", 153, 58),
    ];

    private readonly FrozenDictionary<string, uint> _numbers;

    private SystemCalls(uint architecture, uint? foreignFrom, Func<(string Name, uint? X64, uint? Arm64), uint?> number)
    {
        (Architecture, ForeignFrom) = (architecture, foreignFrom);
        _numbers = _table.Where(call => number(call) is not null).ToFrozenDictionary(call => call.Name, call => number(call)!.Value);
    }

    /// <summary>Those of this processor; <see langword="null"/> where they are not known here.</summary>
    public static SystemCalls? OfThisProcessor { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        // AUDIT_ARCH_X86_64, with __X32_SYSCALL_BIT
        System.Runtime.InteropServices.Architecture.X64 => new(0xc000003e, 0x40000000, call => call.X64),
        // AUDIT_ARCH_AARCH64
        System.Runtime.InteropServices.Architecture.Arm64 => new(0xc00000b7, null, call => call.Arm64),
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
        // What others of the same user leave in memory, and what happens in their folders.
        "shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink",
        "inotify_init", "inotify_init1", "fanotify_init",
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
