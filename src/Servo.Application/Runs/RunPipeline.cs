using MediatR;
using Microsoft.Extensions.Options;
using Servo.Application.Archives;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Uploads;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>The steps of a run, from its archive to its last script: the only place that knows their order.</summary>
public sealed class RunPipeline(IMediator mediator, ScriptEnvironment environment, IOptions<ScriptOptions> options)
{
    /// <summary>
    /// Executes the steps; those before the scripts have no effect outside of the workspace. Returns why the run failed, or <see langword="null"/>.
    /// </summary>
    /// <param name="order">What is asked for.</param>
    /// <param name="upload">Its archive.</param>
    /// <param name="run">Its callbacks and its tokens.</param>
    /// <param name="output">Takes what is said.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="started">Whether scripts may run: told by the store while the archive is unpacked.</param>
    /// <exception cref="ClaimLostException">They may not.</exception>
    public async Task<RunFailure?> ExecuteAsync(
        RunOrder order, VerifiedUpload upload, RunInProgress run, IRunOutput output, RunCancellation cancellation, Task<bool> started)
    {
        var logged = environment.LoggedVariables(order.Variables, run);

        foreach (var (name, value) in logged)
            await output.WriteGatewayLineAsync($"${name} = {value}");

        if (!(await mediator.Send(new UnpackArchive(upload), cancellation.Token)).TryGet(out var archive, out var failure))
            return failure;

        if (!(await mediator.Send(new DecryptSecrets(archive, output), cancellation.Token)).TryGet(out var bundle, out failure))
            return failure;

        if (!await started)
            throw new ClaimLostException();

        // What was said meanwhile waited for this.
        await output.FlushAsync();
        run.Callbacks.LetIn();

        var process = environment.ProcessEnvironment(logged, run);
        var scripts = new ExecuteScripts(bundle, order.Scripts, process, run.Callbacks, output, cancellation, LimitOf(order));
        return (await mediator.Send(scripts, cancellation.Token)).Failure;
    }

    private CancellationReason.TimeLimit LimitOf(RunOrder order)
    {
        var most = options.Value.Timeout;
        return order.Timeout is { } asked && asked < most ? new(asked, "X-Timeout") : new(most, ScriptOptions.TimeoutKey);
    }
}

/// <summary>The store does not let the run start: it was cancelled, or another host has it.</summary>
internal sealed class ClaimLostException() : Exception("The run may not start.");
