using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Settings;

/// <summary>A time that a timer can wait for.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeLimitAttribute() : ValidationAttribute("{0} must be between one millisecond and 24 days.")
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromDays(24);

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not TimeSpan limit || (limit >= _shortest && limit <= _longest);
}
