using System.ComponentModel.DataAnnotations;
using Servo.Application.Settings;

namespace Servo.Application.Portal;

/// <summary>Where commands of scripts go.</summary>
public sealed class PortalOptions : IValidatableObject
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Portal";

    /// <summary>The key of <see cref="Mode"/>.</summary>
    public const string ModeKey = Section + ":" + nameof(Mode);

    /// <summary>The key of <see cref="Url"/>.</summary>
    public const string UrlKey = Section + ":" + nameof(Url);

    /// <summary>Which portal answers.</summary>
    /// <value>Default: <see cref="PortalMode.Ochothon"/> if <see cref="Url"/> is set, else <see cref="PortalMode.None"/>.</value>
    public PortalMode? Mode { get; set; }

    /// <summary>URL of the Ochothon portal, such as <c>http://10.0.0.1:9000</c>.</summary>
    /// <value>An absolute http or https URL; default: none.</value>
    [HttpUrl(Example = "http://10.0.0.1:9000")]
    public Uri? Url { get; set; }

    /// <summary>Key that signs commands; empty: commands are not signed.</summary>
    [Token(IsOptional = true)]
    public string Token { get; set; } = "";

    /// <summary>The mode in force once defaults are applied.</summary>
    public PortalMode EffectiveMode => Mode ?? (Url is null ? PortalMode.None : PortalMode.Ochothon);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mode == PortalMode.Ochothon && Url is null)
            yield return new ValidationResult($"{UrlKey} must be set where {ModeKey} is {nameof(PortalMode.Ochothon)}.");
    }
}
