namespace Servo.Infrastructure.Auditing;

/// <summary>Events that are missing in the record.</summary>
/// <param name="Lost">How many.</param>
/// <param name="From">When the first of them happened.</param>
/// <param name="To">When the last of them happened.</param>
internal sealed record AuditGap(long Lost, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The gap with one more event.</summary>
    public static AuditGap Add(AuditGap? gap, DateTimeOffset at) => gap is null ? new(1, at, at) : gap with { Lost = gap.Lost + 1, To = at };
}
