using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Ochopod.Cluster;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Control;

/// <summary>What a pod says of itself when it is asked.</summary>
internal sealed class PodInfo(
    PodIdentity pod, PodState state, PodLifecycle lifecycle, IZooKeeper zooKeeper, IOptions<GatewayOptions> options, TimeProvider time)
{
    private static readonly string[] _fromRegistration = ["application", "ip", "node", "port", "ports", "public", "task"];

    private readonly long _start = time.GetTimestamp();

    public JsonObject ToJson()
    {
        var process = lifecycle.Process;
        var json = new JsonObject { ["dependencies"] = new JsonArray("portal") };

        foreach (var name in _fromRegistration)
            json[name] = pod.Settings.GetValueOrDefault(name)?.DeepClone();

        json["process"] = process.ToText();
        json["state"] = state.Role;
        json["metrics"] = process is PodProcess.Running or PodProcess.Terminating ? Metrics() : new JsonObject();

        if (Status is { } status)
            json["status"] = status;

        return json;
    }

    // Somebody who asks a pod by its address, because the tools no longer find it, reads here why.
    private string? Status => zooKeeper.WhyUnreachable is { } why ? $"* {why}" : state.Status;

    // The token is what an operator looks up here.
    private JsonObject Metrics() => new()
    {
        ["token"] = options.Value.Token,
        ["uptime"] = string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_start).TotalHours:0.00} hours (pid {Environment.ProcessId})"),
    };
}
