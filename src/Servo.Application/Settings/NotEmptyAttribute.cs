using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Settings;

/// <summary>A text of at least one character.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotEmptyAttribute() : ValidationAttribute("{0} must not be empty.")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is string { Length: > 0 };
}
