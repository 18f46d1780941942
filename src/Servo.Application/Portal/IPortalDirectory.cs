namespace Servo.Application.Portal;

/// <summary>Where the portal is, which may change while runs are in progress.</summary>
public interface IPortalDirectory
{
    /// <summary>Where commands go now; <see langword="null"/> where no portal is known.</summary>
    PortalTarget? Current { get; }

    /// <summary>What the portal is, behind "commands go to".</summary>
    string Description { get; }

    /// <summary>Why none is known, as the end of a sentence.</summary>
    string WhyNone { get; }

    /// <summary>Why what is known may be outdated, as the end of a sentence; <see langword="null"/> where nothing says so.</summary>
    string? WhyOutdated { get; }

    /// <summary>Whether <see cref="RenewAsync"/> may find something.</summary>
    bool IsRenewable { get; }

    /// <summary>
    /// Looks again where the portal is and what its token is, after it refused a command's signature; <see langword="null"/> where nothing else than
    /// <paramref name="refused"/> is found within seconds.
    /// </summary>
    Task<PortalTarget?> RenewAsync(PortalTarget refused, CancellationToken cancellationToken);
}

/// <summary>A portal's address and the key that signs commands to it; with an empty one they are not signed.</summary>
public sealed record PortalTarget(Uri Url, string Token)
{
    /// <summary>The address alone: the token is not part of any text.</summary>
    public override string ToString() => Url.ToString();
}
