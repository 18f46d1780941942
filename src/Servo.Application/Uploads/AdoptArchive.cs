using MediatR;
using Servo.Application.Workspaces;
using Servo.Domain;

namespace Servo.Application.Uploads;

/// <summary>
/// Takes an archive that is on disk already, and that its host vouches for, in the place of a signed upload: moves it into a new workspace.
/// </summary>
public sealed record AdoptArchive(string Path) : IRequest<Result<VerifiedUpload>>;

internal sealed class AdoptArchiveHandler(IWorkspaceFactory workspaces) : IRequestHandler<AdoptArchive, Result<VerifiedUpload>>
{
    public async Task<Result<VerifiedUpload>> Handle(AdoptArchive command, CancellationToken cancellationToken)
    {
        var workspace = workspaces.Create();

        try
        {
            File.Move(command.Path, workspace.ArchivePath);
            return new VerifiedUpload(workspace, new FileInfo(workspace.ArchivePath).Length, digest: "");
        }
        catch
        {
            await workspace.DisposeAsync();
            throw;
        }
    }
}
