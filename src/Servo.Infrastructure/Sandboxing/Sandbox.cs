using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>What a script's process enters before its first instruction.</summary>
/// <param name="Ruleset">Landlock's rules, if there are any.</param>
/// <param name="CallFilter">A filter of system calls, which all scripts have in common, if there is one.</param>
/// <param name="Bubblewrap">The program that makes namespaces for the script, and starts it, if one does.</param>
/// <param name="IsOfOneScript">Whether the rules were made for this script alone.</param>
internal sealed record Sandbox(SafeFileHandle? Ruleset, SafeFileHandle? CallFilter, BubblewrapStart? Bubblewrap = null, bool IsOfOneScript = false) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsOfOneScript)
            Ruleset?.Dispose();

        Bubblewrap?.Dispose();
    }
}
