using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>The pods of a cluster by their identifiers, in the order of these.</summary>
internal sealed class PodView
{
    private readonly SortedDictionary<string, PodRegistration> _pods;

    /// <summary>Takes pods by their identifiers.</summary>
    public PodView(IEnumerable<KeyValuePair<string, PodRegistration>> pods) =>
        _pods = new(new Dictionary<string, PodRegistration>(pods), StringComparer.Ordinal);

    /// <summary>No pod at all.</summary>
    public static PodView None { get; } = new([]);

    /// <summary>The pods.</summary>
    public IReadOnlyDictionary<string, PodRegistration> Pods => _pods;

    /// <summary>The one pod of the cluster; <see langword="null"/> where there is none or more than one.</summary>
    public PodRegistration? OnlyOne => _pods.Count == 1 ? _pods.Values.First() : null;

    /// <summary>The others.</summary>
    public PodView Without(string key) => new(_pods.Where(pod => pod.Key != key));

    /// <summary>The view as it stands in a snapshot and in the payload of control requests.</summary>
    public JsonObject ToJson() => new(_pods.Select(pod => KeyValuePair.Create(pod.Key, (JsonNode?)pod.Value.ToJson())));

    /// <summary>Reads a snapshot; what is not a registration is left out.</summary>
    public static PodView Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return Of(JsonNode.Parse(json));
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>Takes a view out of a larger document.</summary>
    public static PodView Of(JsonNode? node) => node is JsonObject json
        ? new(json.Select(member => (member.Key, Pod: PodRegistration.Of(member.Value)))
            .Where(member => member.Pod is not null)
            .Select(member => KeyValuePair.Create(member.Key, member.Pod!)))
        : None;
}
