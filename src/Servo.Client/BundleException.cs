namespace Servo.Client;

/// <summary>A bundle cannot be packed or run as it is, said before anything was uploaded; the message names the thing and the next step.</summary>
public sealed class BundleException : Exception
{
    internal const string Without = "Bundle.Without excludes files.";

    /// <summary>Makes an exception.</summary>
    public BundleException(BundleError error, string description, Exception? innerException = null) : base(description, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public BundleError Error { get; }

    /// <summary>The message without <see cref="Hint"/>, for programs that have advice of their own.</summary>
    public string Description => base.Message;

    /// <summary>The member of this library that helps; <see langword="null"/> where none does.</summary>
    public string? Hint { get; init; }

    /// <summary>The description and the hint.</summary>
    public override string Message => Hint is null ? Description : $"{Description} {Hint}";
}
