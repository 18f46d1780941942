using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>What a pod says of itself in the cluster's registry: the JSON object that every tool of the portal reads.</summary>
/// <param name="Settings">Every member but <c>seq</c>: strings, and the object <c>ports</c>.</param>
/// <param name="Sequence">The pod's number in its cluster, which it keeps for its life.</param>
internal sealed record PodRegistration(IReadOnlyDictionary<string, JsonNode?> Settings, int Sequence)
{
    /// <summary>Where others reach the pod.</summary>
    public string Address => Text("ip") ?? "";

    /// <summary>The port of this machine behind a port of the container, or <see langword="null"/> where it is not mapped.</summary>
    public int? MappedPort(int containerPort) =>
        Settings.TryGetValue("ports", out var ports) && ports is JsonObject map
            && map[$"{containerPort}"] is JsonValue port && port.TryGetValue<int>(out var number)
            ? number
            : null;

    /// <summary>Where others reach the control endpoint, or <see langword="null"/> where the registration does not tell.</summary>
    public Uri? ControlAddress => int.TryParse(Text("port"), out var port) ? Endpoint(port) : null;

    /// <summary>The address behind a port of the container, or <see langword="null"/> where there is none.</summary>
    public Uri? Endpoint(int containerPort) =>
        MappedPort(containerPort) is { } mapped && Uri.TryCreate($"http://{Address}:{mapped}/", UriKind.Absolute, out var uri) ? uri : null;

    /// <summary>A member that is a string, or <see langword="null"/>.</summary>
    public string? Text(string name) =>
        Settings.TryGetValue(name, out var value) && value is JsonValue text && text.TryGetValue<string>(out var found) ? found : null;

    /// <summary>The registration as it stands in the registry.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();

        foreach (var (name, value) in Settings)
            json[name] = value?.DeepClone();

        json["seq"] = Sequence;
        return json;
    }

    /// <summary>
    /// Reads what stands in the registry; <see langword="null"/> where it is not a registration, such as the node of a pod that has not
    /// written yet.
    /// </summary>
    public static PodRegistration? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return Of(JsonNode.Parse(json));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes a registration out of a larger document; <see langword="null"/> where it is not one.</summary>
    public static PodRegistration? Of(JsonNode? node) =>
        node is JsonObject json && json["seq"] is JsonValue sequence && sequence.TryGetValue<int>(out var number) && json["ip"] is JsonValue
            ? new PodRegistration(
                json.Where(member => member.Key != "seq")
                    .ToDictionary(member => member.Key, member => member.Value?.DeepClone(), StringComparer.Ordinal),
                number)
            : null;
}
