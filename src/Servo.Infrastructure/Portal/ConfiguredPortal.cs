using Servo.Application;
using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

/// <summary>The portal that the settings name, if they do.</summary>
internal sealed class ConfiguredPortal(PortalOptions options) : IPortalDirectory
{
    public PortalTarget? Current { get; } = options is { EffectiveMode: PortalMode.Ochothon, Url: { } url } ? new(url, options.Token) : null;

    public string? WhyOutdated => null;

    public bool IsRenewable => false;

    public string WhyNone => "no portal is configured: set Servo:Portal:Url (Servo__Portal__Url), or Servo:Portal:Mode=Embedded for a simulated cluster";

    public Task<PortalTarget?> RenewAsync(PortalTarget refused, CancellationToken cancellationToken) => Task.FromResult<PortalTarget?>(null);
}
