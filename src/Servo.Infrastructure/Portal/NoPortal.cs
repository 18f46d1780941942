using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Infrastructure.Portal;

/// <summary>Stands where no portal is configured: every command fails and says which setting is missing.</summary>
internal sealed class NoPortal : IPortal
{
    private static readonly Rejection _missing = new Rejection.PortalUnavailable(
        "no portal is configured: set Servo:Portal:Url (Servo__Portal__Url), or Servo:Portal:Mode=Embedded for a simulated cluster");

    public Task<Result<PortalAnswer>> SendAsync(PortalCommand command, CancellationToken cancellationToken) =>
        Task.FromResult<Result<PortalAnswer>>(_missing);
}
