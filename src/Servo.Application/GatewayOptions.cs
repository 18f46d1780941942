using Servo.Application.Settings;

namespace Servo.Application;

/// <summary>What a gateway is to its callers.</summary>
public sealed class GatewayOptions
{
    /// <summary>The root of all sections.</summary>
    public const string Section = "Servo";

    /// <summary>The key of <see cref="Token"/>.</summary>
    public const string TokenKey = Section + ":" + nameof(Token);

    /// <summary>The key of <see cref="PublicUrl"/>.</summary>
    public const string PublicUrlKey = Section + ":" + nameof(PublicUrl);

    /// <summary>Key of upload signatures and password of secrets.</summary>
    /// <value>At least one character; the web host draws one where none is set.</value>
    [Token]
    public string Token { get; set; } = "";

    /// <summary>Base of the callback address that scripts hand to others.</summary>
    /// <value>An absolute http or https URL; default: the address that the host is bound to.</value>
    [HttpUrl]
    public Uri? PublicUrl { get; set; }
}
