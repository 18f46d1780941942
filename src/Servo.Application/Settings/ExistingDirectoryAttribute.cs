using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Settings;

/// <summary>The path of a directory that is there, where one is set.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExistingDirectoryAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);

        return value is null || Directory.Exists(value as string)
            ? ValidationResult.Success
            : new ValidationResult($"{validationContext.DisplayName}: there is no directory '{value}'.");
    }
}
