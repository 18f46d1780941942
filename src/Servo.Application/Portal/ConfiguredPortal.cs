using Microsoft.Extensions.Options;

namespace Servo.Application.Portal;

/// <summary>The portal that the settings name, if they do.</summary>
public sealed class ConfiguredPortal(IOptions<PortalOptions> options) : IPortalDirectory
{
    /// <inheritdoc/>
    public PortalTarget? Current { get; } = Read(options.Value);

    /// <inheritdoc/>
    public string Description => Current is { } portal ? $"the Ochothon portal at {portal}" : $"no portal (set {PortalOptions.UrlKey})";

    /// <inheritdoc/>
    public string? WhyOutdated => null;

    /// <inheritdoc/>
    public bool IsRenewable => false;

    /// <inheritdoc/>
    public string WhyNone =>
        $"no portal is configured: set {PortalOptions.UrlKey} ({PortalOptions.UrlKey.Replace(":", "__", StringComparison.Ordinal)}), "
            + $"or {PortalOptions.ModeKey}={nameof(PortalMode.Embedded)} for a simulated cluster";

    /// <inheritdoc/>
    public Task<PortalTarget?> RenewAsync(PortalTarget refused, CancellationToken cancellationToken) => Task.FromResult<PortalTarget?>(null);

    private static PortalTarget? Read(PortalOptions options) =>
        options is { EffectiveMode: PortalMode.Ochothon, Url: { } url } ? new PortalTarget(url, options.Token) : null;
}
