namespace Servo.Client;

/// <summary>Why a run failed.</summary>
public sealed class RunFailure(string kind, string detail)
{
    /// <summary>A stable name, one of <see cref="FailureKinds"/> or of a later gateway.</summary>
    public string Kind { get; } = kind;

    /// <summary>One sentence for a person.</summary>
    public string Detail { get; } = detail;

    /// <summary>The sentence, and the kind in brackets where it is known.</summary>
    public override string ToString() => Kind == FailureKinds.Unknown ? Detail : $"{Detail} ({Kind})";
}
