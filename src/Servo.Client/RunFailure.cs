namespace Servo.Client;

/// <summary>Why a run failed.</summary>
public sealed class RunFailure(string kind, string detail)
{
    /// <summary>The kind of a failure of which the server does not tell the kind.</summary>
    public const string Unknown = "unknown";

    /// <summary>A stable name such as <c>script-failed</c> or <c>bad-archive</c>; <see cref="Unknown"/> from an original servo.</summary>
    public string Kind { get; } = kind;

    /// <summary>One sentence for a person.</summary>
    public string Detail { get; } = detail;

    /// <summary>The sentence, and the kind in brackets where it is known.</summary>
    public override string ToString() => Kind == Unknown ? Detail : $"{Detail} ({Kind})";
}
