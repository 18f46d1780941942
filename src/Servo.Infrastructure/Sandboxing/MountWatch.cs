using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>Tells whether file systems were mounted or unmounted meanwhile, which changes no folder (proc_pid_mountinfo(5)).</summary>
internal sealed unsafe partial class MountWatch : IDisposable
{
    private const short Urgent = 2; // POLLPRI

    private readonly SafeFileHandle _table = FileCalls.Open("/proc/self/mountinfo", FileCalls.CloseOnExec, 0);
    private readonly Lock _gate = new();
    private int _changes;

    /// <summary>A number that grows with each change; where the kernel does not tell of them, with each look.</summary>
    public int Changes
    {
        get
        {
            lock (_gate)
                return HasChanged() ? ++_changes : _changes;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    private bool HasChanged()
    {
        if (_table.IsInvalid)
            return true;

        var table = new Polled { Descriptor = (int)_table.DangerousGetHandle(), Events = Urgent };
        return poll(&table, 1, 0) != 0;
    }

    [LibraryImport("libc")]
    private static partial int poll(Polled* descriptors, nuint count, int milliseconds);

    /// <summary>struct pollfd (poll(2)).</summary>
    private struct Polled
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
