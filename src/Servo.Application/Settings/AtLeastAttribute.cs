using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Servo.Application.Settings;

/// <summary>A number that must not be smaller; none is allowed where the property can be <see langword="null"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtLeastAttribute(long least) : ValidationAttribute(string.Create(CultureInfo.InvariantCulture, $"{{0}} must be at least {least}."))
{
    /// <summary>The smallest number.</summary>
    public long Least => least;

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || Convert.ToInt64(value, CultureInfo.InvariantCulture) >= least;
}
