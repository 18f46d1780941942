using Servo.Application;

namespace Servo.WebHost.Configuration;

/// <summary>Where the host finds the servo token, if that is not a setting itself.</summary>
internal sealed class TokenFileOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section;

    /// <summary>The key of <see cref="TokenFile"/>.</summary>
    public const string TokenFileKey = Section + ":" + nameof(TokenFile);

    /// <summary>The file that holds the token.</summary>
    /// <value>A path; default: none.</value>
    public string? TokenFile { get; set; }
}
