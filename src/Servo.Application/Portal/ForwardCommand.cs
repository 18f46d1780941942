using MediatR;
using Servo.Domain;

namespace Servo.Application.Portal;

/// <summary>Forwards a command that a script of a run issued to the portal.</summary>
public sealed record ForwardCommand(PortalCommand Command) : IRequest<Result<PortalAnswer>>;

internal sealed class ForwardCommandHandler(IPortal portal) : IRequestHandler<ForwardCommand, Result<PortalAnswer>>
{
    public Task<Result<PortalAnswer>> Handle(ForwardCommand forward, CancellationToken cancellationToken) =>
        portal.SendAsync(forward.Command, cancellationToken);
}
