namespace Servo.Application.Portal;

/// <summary>Which portal answers the commands; each but <see cref="None"/> is an <see cref="IPortal"/> that is registered by its mode.</summary>
public enum PortalMode
{
    /// <summary>None: a command fails and says which setting is missing.</summary>
    None,

    /// <summary>A real Ochothon portal at <see cref="PortalOptions.Url"/>.</summary>
    Ochothon,

    /// <summary>A small cluster simulated in memory, for demonstrations and rehearsals.</summary>
    Embedded,
}
