using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>How pods write down what they say to one another.</summary>
internal static class PodText
{
    /// <summary>JSON without white space, in UTF-8.</summary>
    public static byte[] ToUtf8(this JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString(JsonSerializerOptions.Default));

    /// <summary>The status of an answer to a control request.</summary>
    public static int ToStatus(this ControlResult result) => result switch
    {
        ControlResult.Done => 200,
        ControlResult.Unknown => 400,
        ControlResult.Refused => 406,
        ControlResult.TimedOut => 408,
        ControlResult.Dead => 410,
        _ => 500,
    };

    /// <summary>What <c>/info</c> calls it.</summary>
    public static string ToText(this PodProcess process) => process.ToString().ToLowerInvariant();
}
