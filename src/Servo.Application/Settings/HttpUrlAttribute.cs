using System.ComponentModel.DataAnnotations;

namespace Servo.Application.Settings;

/// <summary>A URL that HTTP can reach; none is allowed where the property can be <see langword="null"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpUrlAttribute() : ValidationAttribute("{0} must be an absolute http or https URL")
{
    /// <summary>What one looks like.</summary>
    public string? Example { get; init; }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not Uri url || (url.IsAbsoluteUri && url.Scheme is "http" or "https");

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => base.FormatErrorMessage(name) + (Example is null ? "." : $", such as {Example}.");
}
