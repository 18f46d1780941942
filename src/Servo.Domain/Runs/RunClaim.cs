namespace Servo.Domain.Runs;

/// <summary>Names one process of a gateway, from its start to its end.</summary>
public readonly record struct HostId(Guid Value)
{
    /// <summary>A new one.</summary>
    public static HostId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}

/// <summary>The right of one host to execute a run and to write its log, which ends with the run or when the host is given up.</summary>
public sealed record RunClaim(RunId Run, HostId Host);
