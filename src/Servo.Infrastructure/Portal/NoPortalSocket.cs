using Servo.Application.Portal;

namespace Servo.Infrastructure.Portal;

/// <summary>For a host that takes no commands of scripts.</summary>
internal sealed class NoPortalSocket : IPortalSocket
{
    public string? Path => null;
}
