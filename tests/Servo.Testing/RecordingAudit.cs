using System.Collections.Concurrent;
using Servo.Application.Auditing;

namespace Servo.Testing;

/// <summary>Keeps what is to be in the audit record.</summary>
public sealed class RecordingAudit : IAuditLog
{
    private readonly ConcurrentQueue<AuditEvent> _events = new();

    public IReadOnlyList<AuditEvent> Events => [.. _events];

    public void Record(AuditEvent audited) => _events.Enqueue(audited);
}
