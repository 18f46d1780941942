using FluentValidation;
using MediatR;
using Servo.Application.Workspaces;
using Servo.Domain;

namespace Servo.Application.Uploads;

/// <summary>Reads an upload once, into a new workspace, and checks that its bytes were signed with the servo token.</summary>
public sealed record VerifyUpload(UploadBody Body, UploadSignature Signature) : IRequest<Result<VerifiedUpload>>;

/// <summary>
/// An upload that may run: its signature matched, or its host vouches for it. Only <see cref="VerifyUploadHandler"/> and
/// <see cref="AdoptArchiveHandler"/> make one; the workspace is then its receiver's to dispose of.
/// </summary>
public sealed class VerifiedUpload
{
    internal VerifiedUpload(IWorkspace workspace, long bytes, string digest) => (Workspace, Bytes, Digest) = (workspace, bytes, digest);

    /// <summary>Where the archive lies.</summary>
    public IWorkspace Workspace { get; }

    /// <summary>Size of the archive.</summary>
    public long Bytes { get; }

    /// <summary>The SHA-256 of the archive in hexadecimal; empty where nobody has read it.</summary>
    public string Digest { get; }
}

internal sealed class VerifyUploadValidator : AbstractValidator<VerifyUpload>
{
    public VerifyUploadValidator() =>
        RuleFor(command => command.Body.Content).Must(content => content.CanRead).WithMessage("The request has no body. Send the archive.");
}

internal sealed class VerifyUploadHandler(IUploadSpool spool, IWorkspaceFactory workspaces) : IRequestHandler<VerifyUpload, Result<VerifiedUpload>>
{
    public async Task<Result<VerifiedUpload>> Handle(VerifyUpload command, CancellationToken cancellationToken)
    {
        IWorkspace? workspace = null;
        VerifiedUpload? verified = null;

        try
        {
            var spooled = await spool.WriteAsync(
                command.Body, () => (workspace = workspaces.Create()).ArchivePath, command.Signature.Algorithm, cancellationToken);

            if (!spooled.TryGet(out var upload, out var refusal))
                return refusal;

            if (!command.Signature.Matches(upload.Digest))
                return new Refusal.BadSignature();

            return verified = new VerifiedUpload(workspace!, upload.Bytes, Convert.ToHexStringLower(upload.Sha256));
        }
        finally
        {
            if (verified is null && workspace is not null)
                await workspace.DisposeAsync();
        }
    }
}
