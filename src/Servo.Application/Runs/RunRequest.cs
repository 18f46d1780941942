using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>What a caller asks for: scripts to run and their variables, of an archive that is on its way or at hand.</summary>
public abstract record RunRequest(ScriptList Scripts, RunVariables Variables)
{
    /// <summary>Who asks, such as an address: for the log.</summary>
    public string Caller { get; init; } = "this program";

    /// <summary>Whether the caller does not wait for the run.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The caller's own name for the request: it is carried out once, however often it is sent.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The names that the run has in common with others.</summary>
    public IReadOnlyList<RunLock> Locks { get; init; } = [];

    /// <summary>How long its scripts may take together, where that is less than the gateway lets them.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long it may wait for its start.</summary>
    public TimeSpan? QueueTimeout { get; init; }
}

/// <summary>Asks for a run of an upload, with the signature that it claims.</summary>
public sealed record SignedRunRequest(UploadBody Body, UploadSignature Signature, ScriptList Scripts, RunVariables Variables) : RunRequest(Scripts, Variables);

/// <summary>Asks for a run of an archive on disk, for a host whose caller needs no signature.</summary>
/// <param name="ArchivePath">The archive, on the workspaces' file system: it is moved away from there, not copied.</param>
/// <param name="Scripts">The scripts to run.</param>
/// <param name="Variables">Their variables.</param>
public sealed record TrustedRunRequest(string ArchivePath, ScriptList Scripts, RunVariables Variables) : RunRequest(Scripts, Variables);
