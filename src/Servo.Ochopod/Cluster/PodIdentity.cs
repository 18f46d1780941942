using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>Who this pod is, for its whole life.</summary>
/// <param name="Id">Its identifier (RFC 9562), which stays the same when it registers again.</param>
/// <param name="Namespace">The namespace of its cluster.</param>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Settings">Its registration but for the number that it gets when it registers.</param>
public sealed record PodIdentity(Guid Id, string Namespace, string Cluster, IReadOnlyDictionary<string, JsonNode?> Settings)
{
    /// <summary>Whether it takes runs before anybody has turned it on.</summary>
    public bool StartsOn { get; init; } = true;

    /// <summary>The nodes of its cluster.</summary>
    public ClusterPaths Paths { get; } = ClusterPaths.Of(Namespace, Cluster);

    /// <summary>The nodes of the portal's cluster, which is in the same namespace.</summary>
    public ClusterPaths PortalPaths { get; } = ClusterPaths.Of(Namespace, "portal");

    /// <summary>The identifier as it stands in ZooKeeper.</summary>
    public string Key => Id.ToString("D");
}
