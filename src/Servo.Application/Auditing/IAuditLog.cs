namespace Servo.Application.Auditing;

/// <summary>The record of who had what done, which only grows.</summary>
public interface IAuditLog
{
    /// <summary>
    /// Adds an event, in the order of the calls. Neither waits for the disk nor throws: an event that cannot be kept counts as a gap, which the record tells as
    /// soon as it can.
    /// </summary>
    void Record(AuditEvent audited);
}
