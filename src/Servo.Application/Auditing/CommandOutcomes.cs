namespace Servo.Application.Auditing;

/// <summary>What became of a command for the portal, where it was not refused.</summary>
public static class CommandOutcomes
{
    /// <summary>The portal answered that it succeeded.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>The portal answered that it failed.</summary>
    public const string Failed = "failed";

    /// <summary>The portal's answer does not say, or is too long to be looked into.</summary>
    public const string Answered = "answered";

    /// <summary>Nobody waited for the whole answer, such as where the run had ended: what the command did is not known.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>The gateway failed: what the command did is not known.</summary>
    public const string Fault = "fault";
}
