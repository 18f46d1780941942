using System.Text.Json.Nodes;

namespace Servo.Simulation.Commands;

/// <summary>The common form of the commands that show something about each pod: an object of objects, or a table with one column per member.</summary>
internal static class PodReport
{
    public static CommandOutcome Of(IReadOnlyList<(SimulatedPod Pod, JsonObject Shown)> pods, bool json, string[] columns, Func<JsonObject, string[]> cells)
    {
        if (json)
            return new CommandOutcome(true, Json.Write(Json.Object(pods.Select(shown => (shown.Pod.Name, shown.Shown)))));

        var table = TextTable.Format(["pod", .. columns], pods.Select(shown => (string[])[shown.Pod.Name, .. cells(shown.Shown)]));
        return new CommandOutcome(true, $"{pods.Count} pods, 100% replies ->\n\n{table}");
    }

    public static string[] Cells(JsonObject shown) => [.. shown.Select(member => $"{member.Value}")];
}
