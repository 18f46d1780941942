using MediatR;
using Servo.Application.Auditing;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Portal;

/// <summary>Forwards a command that a script of a run issued to the portal.</summary>
public sealed record ForwardCommand(RunId Run, PortalCommand Command) : IRequest<Result<PortalAnswer>>;

internal sealed class ForwardCommandHandler(IPortal portal, IAuditLog audit, TimeProvider time) : IRequestHandler<ForwardCommand, Result<PortalAnswer>>
{
    public async Task<Result<PortalAnswer>> Handle(ForwardCommand forward, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();

        try
        {
            var sent = await portal.SendAsync(forward.Command, cancellationToken);

            if (sent.TryGet(out var answer, out var refusal))
                return new PortalAnswer(new HeardAnswer(answer, Record), answer.ContentType);

            Record(refusal.Kind);
            return refusal;
        }
        catch (Exception e)
        {
            Record(e is OperationCanceledException ? CommandOutcomes.Abandoned : CommandOutcomes.Fault);
            throw;
        }

        void Record(string outcome) => audit.Record(
            new AuditEvent.CommandForwarded(forward.Run, forward.Command.Line, forward.Command.Files is not null, outcome, time.GetElapsedTime(start)));
    }
}
