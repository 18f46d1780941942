namespace Servo.Domain.Runs;

/// <summary>What a run was accepted for; later only <see cref="IsDetached"/> may change.</summary>
public sealed record RunOrder(ScriptList Scripts, RunVariables Variables)
{
    /// <summary>The names that it has in common with others.</summary>
    public IReadOnlyList<RunLock> Locks { get; init; } = [];

    /// <summary>How long its scripts may take together; <see langword="null"/> where only the gateway limits it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long it may wait for its start; <see langword="null"/> where nothing limits it.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>Who asked for it, such as an address.</summary>
    public string Caller { get; init; } = "this program";

    /// <summary>Whether its caller does not wait for it: then it outlives a host that ends before it started.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The SHA-256 of its archive in hexadecimal.</summary>
    public string ArchiveDigest { get; init; } = "";

    /// <summary>The bytes of its archive.</summary>
    public long ArchiveBytes { get; init; }

    /// <summary>The caller's own name for this one run; <see langword="null"/> where it gave none.</summary>
    public IdempotencyKey? Key { get; init; }
}

/// <summary>A caller's own name for a request, so that sending it again starts nothing new.</summary>
/// <param name="Value">The name.</param>
/// <param name="RequestDigest">The SHA-256 of all that the request asks for, in hexadecimal: a name stands for one request.</param>
public sealed record IdempotencyKey(string Value, string RequestDigest);
