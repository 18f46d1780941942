namespace Servo.Infrastructure.Sandboxing;

/// <summary>Sets of rights over files, as Landlock numbers them (LANDLOCK_ACCESS_FS_*).</summary>
internal static class FileRights
{
    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadFolder = 1 << 3;
    private const ulong OfFirstVersion = (1 << 13) - 1;
    private const ulong Move = 1 << 13; // version 2
    private const ulong Truncate = 1 << 14; // version 3
    private const ulong ControlDevice = 1 << 15; // version 5

    /// <summary>To make character and block devices.</summary>
    public const ulong Devices = (1 << 6) | (1 << 11);

    /// <summary>To read, list and execute.</summary>
    public const ulong Read = Execute | ReadFile | ReadFolder;

    /// <summary>All that this version of Landlock knows.</summary>
    public static ulong All(int version) => OfFirstVersion | Move | (version >= 3 ? Truncate : 0) | (version >= 5 ? ControlDevice : 0);

    /// <summary>All but to make devices: whoever makes one of a disk reads the whole of it.</summary>
    public static ulong AllButDevices(int version) => All(version) & ~Devices;

    /// <summary>Those of them that a file has: the kernel takes no others for one.</summary>
    public static ulong OfFile(ulong rights) => rights & (Execute | WriteFile | ReadFile | Truncate | ControlDevice);
}
