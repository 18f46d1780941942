using MediatR;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Secrets;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.Application.Scripts;

/// <summary>Runs the named scripts one after the other; the first that fails ends the run.</summary>
public sealed record ExecuteScripts(
    DecryptedSecrets Bundle,
    ScriptList Scripts,
    IReadOnlyDictionary<string, string> Environment,
    RunCallbacks Callbacks,
    IRunOutput Output,
    RunCancellation Cancellation,
    CancellationReason.TimeLimit Limit) : IRequest<StepResult<ExecutedScripts>>;

/// <summary>All scripts ended with exit code 0. Only <see cref="ExecuteScriptsHandler"/> makes one.</summary>
public sealed class ExecutedScripts
{
    internal ExecutedScripts()
    {
    }
}

internal sealed class ExecuteScriptsHandler(IScriptRunner runner, ScriptEndings endings, TimeProvider time)
    : IRequestHandler<ExecuteScripts, StepResult<ExecutedScripts>>
{
    public async Task<StepResult<ExecutedScripts>> Handle(ExecuteScripts command, CancellationToken cancellationToken)
    {
        var cancellation = command.Cancellation;
        var bundle = command.Bundle.Workspace.BundleDirectory;
        using var timeout = cancellation.CancelAfter(command.Limit.Limit, command.Limit, time);

        foreach (var name in command.Scripts)
        {
            // Looked for when its turn comes, as in the original: an earlier script may have removed it.
            if (!BundleScript.Find(name, bundle, endings).TryGet(out var script, out var missing))
                return missing;

            // Script names are not signed: a request that is sent again may name what a callback is about to deliver.
            if (command.Callbacks.WouldRunAt(Path.Join(bundle, script.Path)))
                return RunFailure.MissingScript.Delivered(name);

            var process = new ScriptProcess(name, script.Code, bundle, command.Environment, script.Interpreter);
            var exit = await RunAsync(process, command.Output, cancellation.Token);

            if (exit.Interrupted)
                return cancellation.Reason!.In(name);

            if (exit.Reached is { } limit)
                return limit.FailureOf(name, exit.Code);

            if (exit.Code != 0)
                return new RunFailure.ScriptFailed(name, exit.Code);
        }

        return new ExecutedScripts();
    }

    private async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var exit = await runner.RunAsync(script, output, cancellationToken);
        var elapsed = time.GetElapsedTime(start);

        if (exit.Denied is { } denied)
            await output.WriteGatewayLineAsync(denied, script.Name);

        await output.WriteGatewayLineAsync($"{script.Name} ran in {(long)elapsed.TotalSeconds} seconds", script.Name);
        await output.WriteAsync(new RunEvent.ScriptEnded(new ScriptResult(script.Name, exit.Code, elapsed, exit.Usage)));

        return exit;
    }
}
