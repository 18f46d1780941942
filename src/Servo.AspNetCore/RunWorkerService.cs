using Servo.Application.Runs;

namespace Servo.AspNetCore;

/// <summary>Has runs executed from before the server listens.</summary>
internal sealed class RunWorkerService(RunWorker worker) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => worker.StartAsync(cancellationToken);

    // The runs are drained, and the worker ends with the container.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
