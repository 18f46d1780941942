using System.Diagnostics;

namespace Servo.CrashingHost;

/// <summary>
/// A moment in the life of a host at which it kills itself: before or after a call of a port, of those calls the first, the second and so
/// on.
/// </summary>
/// <param name="method">The port's method.</param>
/// <param name="isAfter">Whether the call is to have had its effect.</param>
/// <param name="nth">Which call.</param>
internal sealed class CrashPoint(string method, bool isAfter, int nth)
{
    private int _left = nth;

    /// <summary>Reads a point such as <c>FinishAsync:after:1</c>.</summary>
    public static CrashPoint Parse(string text) =>
        text.Split(':') is [var method, "before" or "after", var nth] && int.TryParse(nth, out var number)
            ? new CrashPoint(method, text.Contains(":after:", StringComparison.Ordinal), number)
            : throw new ArgumentException($"'{text}' must be METHOD:before:N or METHOD:after:N.", nameof(text));

    /// <summary>Ends the process if this is the moment, as the kernel does where memory is short: nothing else of it is done.</summary>
    public void Reach(string called, bool after)
    {
        if (called != method || after != isAfter || Interlocked.Decrement(ref _left) != 0)
            return;

        using var self = Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit();
    }
}
