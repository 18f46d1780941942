using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Pods;
using Servo.Application.Runs;
using Servo.WebHost.Lifetime;

namespace Servo.WebHost.Pods;

/// <summary>Callback addresses at the pod's registered address and the machine's port behind the gateway's, unless a public address is configured.</summary>
internal sealed class PodCallbackAddress(PodIdentity pod, IServer server, IOptions<ServoOptions> options) : ICallbackAddress
{
    private readonly BoundCallbackAddress _bound = new(server, options);
    private readonly PodRegistration _registration = new(pod.Settings, Sequence: 0);

    public string? For(string callbackToken) =>
        options.Value.PublicUrl is null && BoundPort is { } port && _registration.Endpoint(port) is { } mapped
            ? $"{mapped.AbsoluteUri.TrimEnd('/')}/callback/{callbackToken}"
            : _bound.For(callbackToken);

    private int? BoundPort => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } bound ? BindingAddress.Parse(bound).Port : null;
}
