namespace Servo.Application.Portal;

/// <summary>Where the portal is, which may change while runs are in progress.</summary>
public interface IPortalDirectory
{
    /// <summary>Where commands go now; <see langword="null"/> where no portal is known.</summary>
    PortalTarget? Current { get; }

    /// <summary>Why none is known, as the end of a sentence.</summary>
    string WhyNone { get; }
}

/// <summary>A portal's address and the key that signs commands to it; with an empty one they are not signed.</summary>
public sealed record PortalTarget(Uri Url, string Token)
{
    /// <summary>The address alone: the token is no part of any text.</summary>
    public override string ToString() => Url.ToString();
}
