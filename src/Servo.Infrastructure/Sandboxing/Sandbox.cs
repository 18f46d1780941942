using Microsoft.Win32.SafeHandles;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>What a script's process enters before its first instruction: Landlock's rules, and a filter of system calls if there is one.</summary>
/// <param name="Ruleset">The rules, made for this script.</param>
/// <param name="CallFilter">The filter, which all scripts have in common.</param>
internal sealed record Sandbox(SafeFileHandle Ruleset, SafeFileHandle? CallFilter) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Ruleset.Dispose();
}
