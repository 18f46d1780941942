using System.Text.Json.Nodes;
using Servo.Ochopod.Cluster;

namespace Servo.Ochopod.Deployment;

/// <summary>Makes the identity of a pod at its start.</summary>
public static class PodIdentification
{
    /// <summary>Finds the pod's address and draws its identifier.</summary>
    /// <param name="environment">What the scheduler told it.</param>
    /// <param name="metadata">The metadata service of EC2, which is asked first.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="PodAddressException">The machine's address cannot be found.</exception>
    public static async Task<PodIdentity> IdentifyAsync(this PodEnvironment environment, Uri metadata, CancellationToken cancellationToken)
    {
        var address = await PodAddress.FindAsync(environment, metadata, TimeProvider.System, cancellationToken);
        var settings = new Dictionary<string, JsonNode?>(environment.ToSettings(), StringComparer.Ordinal)
        {
            ["ip"] = address.Ip,
            ["public"] = address.Public,
            ["node"] = address.Node,
            ["fwk"] = address.Framework,
        };

        return new PodIdentity(Guid.NewGuid(), environment.Namespace, environment.Cluster, settings) { StartsOn = environment.StartsOn };
    }
}
