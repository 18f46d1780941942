using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Simulation;

/// <summary>How the simulated tools write JSON: on one line, with quotes and letters left readable.</summary>
internal static class Json
{
    // The answer is never put into a page, so nothing needs the escapes that protect HTML.
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(JsonNode node) => node.ToJsonString(Options);

    public static JsonObject Object(IEnumerable<(string Name, JsonObject Value)> members) =>
        new(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, member.Value)));

    public static JsonArray Array(IEnumerable<int> numbers) => [.. numbers.Select(number => JsonValue.Create(number))];

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
