using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.AspNetCore.Connections;
using Servo.Domain;

namespace Servo.WebHost.Lifetime;

/// <summary>Ends the host gracefully: its runs first, while the server still answers.</summary>
internal sealed class GracefulStop(RunDrain drain, ConnectionPlaces connections, IOptions<AdmissionOptions> options) : IHostedLifecycleService
{
    /// <summary>The longest that a stop takes, with this time for runs in progress.</summary>
    public static TimeSpan Longest(TimeSpan drainTimeout) => drainTimeout + RunDrain.KillGrace + TimeSpan.FromSeconds(3);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await drain.DrainAsync(new Refusal.ShuttingDown(), options.Value.DrainTimeout, cancellationToken);

        // Not awaited: the server stops meanwhile, and is done before where nobody is slow.
        _ = connections.CloseOthersAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
