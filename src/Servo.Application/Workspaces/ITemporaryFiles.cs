namespace Servo.Application.Workspaces;

/// <summary>Makes files for what is too large for memory for a while.</summary>
public interface ITemporaryFiles
{
    /// <summary>
    /// Makes an unbuffered file for writing and reading that only its handle leads to: nothing is left of it however the host ends.
    /// </summary>
    FileStream Create();
}
