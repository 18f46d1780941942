using Servo.AspNetCore.Endpoints;
using Servo.Ochopod.Cluster;

namespace Servo.Ochopod.Control;

/// <summary>The pod's registered address, and the machine's port behind one of the pod's.</summary>
internal sealed class PodAddressMap(PodIdentity pod) : IMappedAddress
{
    private readonly PodRegistration _registration = new(pod.Settings, Sequence: 0);

    public Uri? Of(int port) => _registration.Endpoint(port);
}
