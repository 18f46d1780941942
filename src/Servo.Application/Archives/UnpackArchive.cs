using MediatR;
using Servo.Application.Uploads;
using Servo.Application.Workspaces;
using Servo.Domain.Runs;

namespace Servo.Application.Archives;

/// <summary>Unpacks a verified upload into the run's bundle directory.</summary>
public sealed record UnpackArchive(VerifiedUpload Upload) : IRequest<StepResult<UnpackedArchive>>;

/// <summary>A bundle on disk whose secrets are still encrypted. Only <see cref="UnpackArchiveHandler"/> makes one.</summary>
public sealed class UnpackedArchive
{
    internal UnpackedArchive(IWorkspace workspace) => Workspace = workspace;

    /// <summary>Where the bundle lies.</summary>
    public IWorkspace Workspace { get; }
}

internal sealed class UnpackArchiveHandler(IArchiveReader reader) : IRequestHandler<UnpackArchive, StepResult<UnpackedArchive>>
{
    public async Task<StepResult<UnpackedArchive>> Handle(UnpackArchive command, CancellationToken cancellationToken)
    {
        var workspace = command.Upload.Workspace;
        var unpacked = await reader.UnpackAsync(workspace.ArchivePath, workspace.BundleDirectory, cancellationToken);

        // The archive is not needed any more, and on a tmpfs it would go on taking memory for as long as the scripts run.
        File.Delete(workspace.ArchivePath);

        return unpacked.TryGet(out _, out var failure) ? new UnpackedArchive(workspace) : failure;
    }
}
