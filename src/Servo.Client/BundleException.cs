namespace Servo.Client;

/// <summary>A bundle cannot be packed or run; thrown before anything is uploaded. The message names the cause and the next step.</summary>
public sealed class BundleException : Exception
{
    internal const string Without = "Bundle.Without excludes files.";

    /// <summary>Creates an exception.</summary>
    public BundleException(BundleError error, string description, Exception? innerException = null) : base(description, innerException) =>
        Error = error;

    /// <summary>What is wrong.</summary>
    public BundleError Error { get; }

    /// <summary>The message without <see cref="Hint"/>, for programs with their own advice.</summary>
    public string Description => base.Message;

    /// <summary>The member of this library that helps; <see langword="null"/> if none does.</summary>
    public string? Hint { get; init; }

    /// <summary>The description and the hint.</summary>
    public override string Message => Hint is null ? Description : $"{Description} {Hint}";
}
