using FluentValidation;
using MediatR;
using Servo.Domain;

namespace Servo.Application.Portal;

/// <summary>Forwards a command that a script of a run issued to the portal.</summary>
public sealed record ForwardCommand(PortalCommand Command) : IRequest<Result<PortalAnswer>>;

internal sealed class ForwardCommandValidator : AbstractValidator<ForwardCommand>
{
    public ForwardCommandValidator()
    {
        RuleFor(forward => forward.Command.Line).NotEmpty().WithMessage("The command line is empty. Send it in the header X-Shell.");

        // The line travels in a header: a line break would start another one (CWE-113).
        RuleFor(forward => forward.Command.Line)
            .Must(line => line.AsSpan().IndexOfAny('\r', '\n', '\0') < 0)
            .WithMessage("The command line holds a line break or a NUL character.");
    }
}

internal sealed class ForwardCommandHandler(IPortal portal) : IRequestHandler<ForwardCommand, Result<PortalAnswer>>
{
    public Task<Result<PortalAnswer>> Handle(ForwardCommand forward, CancellationToken cancellationToken) =>
        portal.SendAsync(forward.Command with { Line = forward.Command.Line.Trim(' ', '\t') }, cancellationToken);
}
