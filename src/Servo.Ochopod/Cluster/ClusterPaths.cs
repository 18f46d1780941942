namespace Servo.Ochopod.Cluster;

/// <summary>Where a cluster of pods keeps its nodes in ZooKeeper.</summary>
/// <param name="Name">The cluster's full name, such as <c>marathon.servo</c>.</param>
public sealed record ClusterPaths(string Name)
{
    private string Root => $"/ochopod/clusters/{Name}";

    /// <summary>A child for each pod that lives, named by its identifier and ten digits.</summary>
    public string Pods => $"{Root}/pods";

    /// <summary>The digest of what the leader last configured.</summary>
    public string Hash => $"{Root}/hash";

    /// <summary>A child for each pod that leads or waits to.</summary>
    public string Coordinator => $"{Root}/coordinator";

    /// <summary>All pods as the leader last configured them; what other clusters depend on.</summary>
    public string Snapshot => $"{Root}/snapshot";

    /// <summary>A cluster of a namespace.</summary>
    public static ClusterPaths Of(string @namespace, string cluster) => new($"{@namespace}.{cluster}");
}
