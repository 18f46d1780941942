using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>What a caller asks for: an upload, the signature it claims, the scripts to run and their variables.</summary>
public sealed record RunRequest(UploadBody Body, UploadSignature Signature, ScriptList Scripts, RunVariables Variables)
{
    /// <summary>Who asks, such as an address: for the log.</summary>
    public string Caller { get; init; } = "this program";
}

/// <summary>What a host asks for whose caller needs no signature: an archive on disk, the scripts to run and their variables.</summary>
/// <param name="ArchivePath">The archive, on the workspaces' file system: it is moved away from there, not copied.</param>
/// <param name="Scripts">The scripts to run.</param>
/// <param name="Variables">Their variables.</param>
public sealed record TrustedRunRequest(string ArchivePath, ScriptList Scripts, RunVariables Variables)
{
    /// <summary>Who asks, such as an address: for the log.</summary>
    public string Caller { get; init; } = "this program";
}

/// <summary>The outcome of a run.</summary>
/// <param name="Id">The run's id, in answers and logs.</param>
/// <param name="Failure">Why it failed, or <see langword="null"/> if every script ended with exit code 0.</param>
public sealed record RunReport(string Id, Rejection? Failure);
