using System.ComponentModel;

namespace Servo.Application;

/// <summary>Tells a full disk, which its operator can make room on, from other failures.</summary>
public static class DiskSpace
{
    // errno(3); .NET passes them on as they are.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Whether this exception, or what caused it, says that no space is left or that a quota is used up.</summary>
    public static bool IsLacking(Exception exception) =>
        exception is IOException { HResult: NoSpaceLeft or QuotaExceeded } or Win32Exception { NativeErrorCode: NoSpaceLeft or QuotaExceeded }
        || (exception.InnerException is { } inner && IsLacking(inner));
}
