using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Application.Runs;

/// <summary>What a caller asks for: scripts to run and their variables, of an archive that is on its way or at hand.</summary>
public abstract record RunRequest(ScriptList Scripts, RunVariables Variables)
{
    /// <summary>Who asks, such as an address: for the log.</summary>
    public string Caller { get; init; } = "this program";
}

/// <summary>Asks for a run of an upload, with the signature that it claims.</summary>
public sealed record SignedRunRequest(UploadBody Body, UploadSignature Signature, ScriptList Scripts, RunVariables Variables) : RunRequest(Scripts, Variables);

/// <summary>Asks for a run of an archive on disk, for a host whose caller needs no signature.</summary>
/// <param name="ArchivePath">The archive, on the workspaces' file system: it is moved away from there, not copied.</param>
/// <param name="Scripts">The scripts to run.</param>
/// <param name="Variables">Their variables.</param>
public sealed record TrustedRunRequest(string ArchivePath, ScriptList Scripts, RunVariables Variables) : RunRequest(Scripts, Variables);
