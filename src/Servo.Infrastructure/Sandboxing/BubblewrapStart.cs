using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>How bubblewrap starts one script.</summary>
/// <param name="Command">The words before the script's own command line.</param>
/// <param name="CallFilter">The filter of system calls that it sets last: a file of this script's, as it is read from where it stands.</param>
internal sealed record BubblewrapStart(string[] Command, SafeFileHandle CallFilter) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => CallFilter.Dispose();
}
