using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Settings;

/// <summary>The path of a directory that is there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExistingDirectoryAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);

        return Directory.Exists(value as string)
            ? ValidationResult.Success
            : new ValidationResult($"{validationContext.DisplayName}: there is no directory '{value}'.");
    }
}
