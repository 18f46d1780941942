using Servo.Application.Pods;

namespace Servo.WebHost.Pods;

/// <summary>Keeps the pod in its cluster while the host runs.</summary>
internal sealed class PodMember(PodMembership membership) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => membership.KeepAsync(stoppingToken);
}
