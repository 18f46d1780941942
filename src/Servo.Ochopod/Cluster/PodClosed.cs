using Servo.Domain;

namespace Servo.Ochopod.Cluster;

/// <summary>Why a pod takes no runs.</summary>
internal static class PodClosed
{
    /// <summary>It was turned off, and takes none until it is turned on.</summary>
    public static Refusal.Closed Off { get; } = new(
        "pod-off",
        "This servo pod is off. Turn it on ('on *servo --force' in the Ochothon CLI), or use another.",
        "its pod was turned off",
        MayReopen: true);

    /// <summary>It was killed, and takes none any more.</summary>
    public static Refusal.Closed Killed { get; } = new(
        "pod-killed",
        "This servo pod was killed and takes no run any more. Use another, or deploy a new one.",
        "its pod was killed",
        MayReopen: false);
}
