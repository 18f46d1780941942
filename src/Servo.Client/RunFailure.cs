namespace Servo.Client;

/// <summary>Why a run failed.</summary>
public sealed class RunFailure(string kind, string detail)
{
    /// <summary>A stable name: one of <see cref="FailureKinds"/>, or one that a later gateway adds.</summary>
    public string Kind { get; } = kind;

    /// <summary>One sentence for a person.</summary>
    public string Detail { get; } = detail;

    /// <summary>The sentence, followed by the kind in brackets if it is known.</summary>
    public override string ToString() => Kind == FailureKinds.Unknown ? Detail : $"{Detail} ({Kind})";
}
