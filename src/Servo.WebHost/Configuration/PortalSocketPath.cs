using Servo.Application.Portal;
using Servo.Infrastructure.Workspaces;

namespace Servo.WebHost.Configuration;

/// <summary>Puts the scripts' socket into the host's private directory.</summary>
internal sealed class PortalSocketPath(RuntimeDirectory runtime) : IPortalSocket
{
    public string? Path => runtime.PortalSocket;
}
