using System.ComponentModel.DataAnnotations;
using Servo.Domain;

namespace Servo.Application.Settings;

/// <summary>A secret that keeps to the rule of <see cref="TokenText"/>; no message shows it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TokenAttribute : ValidationAttribute
{
    /// <summary>Whether there may be none, which is the empty text.</summary>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        var token = value as string ?? "";

        return token.Length == 0 && IsOptional ? ValidationResult.Success
            : TokenText.Problem(token) is { } why ? new ValidationResult($"{validationContext.DisplayName} {why}.")
            : ValidationResult.Success;
    }
}
