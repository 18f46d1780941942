using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Auditing;

/// <summary>What the record tells: one closed set. None holds a secret or the value of a variable.</summary>
public abstract record AuditEvent
{
    // Private, so that the records below are all there are.
    private AuditEvent(RunId run) => Run = run;

    /// <summary>The run that it is about.</summary>
    public RunId Run { get; }

    /// <summary>A run was accepted: by whom, and what it is to do.</summary>
    public sealed record RunAccepted(RunId Run, RunOrder Order) : AuditEvent(Run);

    /// <summary>A run started.</summary>
    public sealed record RunStarted(RunId Run) : AuditEvent(Run);

    /// <summary>A run ended, whether or not it had started.</summary>
    public sealed record RunEnded(Run Ended) : AuditEvent(Ended.Id);

    /// <summary>A script of a run sent the portal a command.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="Line">The command, as it was forwarded.</param>
    /// <param name="HasFiles">Whether files went with it.</param>
    /// <param name="Outcome">One of <see cref="CommandOutcomes"/>, or the kind of the refusal.</param>
    /// <param name="Elapsed">How long it took, the answer included.</param>
    public sealed record CommandForwarded(RunId Run, PortalCommandLine Line, bool HasFiles, string Outcome, TimeSpan Elapsed) : AuditEvent(Run);

    /// <summary>Somebody cancelled a run.</summary>
    /// <param name="Run">The run.</param>
    /// <param name="By">Who, such as an address.</param>
    /// <param name="Reached">The state of the run when the cancellation was answered.</param>
    public sealed record CancelRequested(RunId Run, string By, RunState Reached) : AuditEvent(Run);
}
