using System.Text.Json.Nodes;

namespace Servo.Ochopod.Cluster;

/// <summary>The control endpoints of other pods.</summary>
internal interface IPodClient
{
    /// <summary>What a pod says of itself (<c>/info</c>), or <see langword="null"/> where it gives no usable answer within five seconds.</summary>
    Task<JsonObject?> InfoAsync(PodRegistration pod, CancellationToken cancellationToken);

    /// <summary>
    /// Asks a pod to carry out a control task and returns the status of its
    /// answer, or <see langword="null"/> where none came within 75 seconds.
    /// </summary>
    Task<int?> ControlAsync(PodRegistration pod, string task, JsonObject payload, CancellationToken cancellationToken);
}
