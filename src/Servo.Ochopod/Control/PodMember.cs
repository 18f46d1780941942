using Servo.Ochopod.Cluster;


namespace Servo.Ochopod.Control;

/// <summary>Keeps the pod in its cluster while the host runs.</summary>
internal sealed class PodMember(PodMembership membership) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => membership.KeepAsync(stoppingToken);
}
