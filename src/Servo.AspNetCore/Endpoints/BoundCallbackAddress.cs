using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Callbacks;

namespace Servo.AspNetCore.Endpoints;

/// <summary>Callback addresses below the configured public address, or else below the first that the server is bound to, as others reach it.</summary>
internal sealed class BoundCallbackAddress(IServer server, IOptions<GatewayOptions> options, IMappedAddress? mapped = null) : ICallbackAddress
{
    public string? For(string callbackToken) => Base() is { } address ? $"{address}/callback/{callbackToken}" : null;

    private string? Base()
    {
        if (options.Value.PublicUrl is { } configured)
            return configured.AbsoluteUri.TrimEnd('/');

        // Others cannot reach a Unix socket by an address: behind one, callbacks need a PublicUrl.
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).FirstOrDefault(address => !address.IsUnixPipe);
        return bound is null ? null : mapped?.Of(bound.Port)?.AbsoluteUri.TrimEnd('/') ?? Reachable(bound);
    }

    /// <summary>Replaces a wildcard, which nobody can connect to, by an address of this machine.</summary>
    private static string Reachable(BindingAddress address)
    {
        var isWildcard = address.Host is "*" or "+" or "0.0.0.0" or "[::]";
        return $"{address.Scheme}://{(isWildcard ? OwnAddress() : address.Host)}:{address.Port}";
    }

    private static string OwnAddress() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString() ?? IPAddress.Loopback.ToString();
}
