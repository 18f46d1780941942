using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>Tells one state of a cluster, and of what it depends on, from another.</summary>
internal static class ClusterHash
{
    /// <summary>The MD5 digest of the views as JSON, as 16 pairs of hexadecimal digits with colons between.</summary>
    public static string Of(PodView pods, PodView portal)
    {
        var views = new JsonObject { ["pods"] = pods.ToJson(), ["portal"] = portal.ToJson() };

        // MD5 by the format of the node, which the pods of other programs compare; nothing is protected by it.
        var hex = Convert.ToHexStringLower(MD5.HashData(views.ToUtf8()));
        return string.Join(':', hex.Chunk(2).Select(pair => new string(pair)));
    }
}
