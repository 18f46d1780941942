using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>How a script's process enters its run's cgroup, before its sandbox.</summary>
/// <param name="Processes">Moves the process into it that writes a zero, whatever its user: the kernel asks who opened it.</param>
/// <param name="CallFilter">The filter of system calls that a script needs to stay in it, where it has no other one.</param>
internal sealed record CgroupEntrance(SafeFileHandle Processes, SafeFileHandle CallFilter);
