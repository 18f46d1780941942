using MediatR;
using Microsoft.Extensions.Options;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Secrets;
using Servo.Domain;

namespace Servo.Application.Scripts;

/// <summary>Runs the named scripts one after the other; the first that fails ends the run.</summary>
public sealed record ExecuteScripts(
    DecryptedSecrets Bundle,
    ScriptList Scripts,
    IReadOnlyDictionary<string, string> Environment,
    RunCallbacks Callbacks,
    IRunOutput Output) : IRequest<Result<ScriptsRan>>;

/// <summary>All scripts ended with exit code 0. Only <see cref="ExecuteScriptsHandler"/> makes one.</summary>
public sealed class ScriptsRan
{
    internal ScriptsRan()
    {
    }
}

internal sealed class ExecuteScriptsHandler(IScriptRunner runner, IOptions<ScriptOptions> options, TimeProvider time)
    : IRequestHandler<ExecuteScripts, Result<ScriptsRan>>
{
    public async Task<Result<ScriptsRan>> Handle(ExecuteScripts command, CancellationToken cancellationToken)
    {
        var limit = options.Value.Timeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);

        foreach (var name in command.Scripts)
        {
            // Looked for when its turn comes, as in the original: an earlier script may have removed it.
            if (BundleScript.Find(name, command.Bundle.Workspace.BundleDirectory) is not { } script)
                return new Rejection.MissingScript(name);

            // Script names are not signed: a request that is sent again may name what a callback is about to deliver.
            if (command.Callbacks.WouldRunAt(Path.Join(command.Bundle.Workspace.BundleDirectory, script.Path)))
                return Rejection.MissingScript.Delivered(name);

            var exit = await RunAsync(new ScriptProcess(name, script.Path, command.Bundle.Workspace.BundleDirectory, command.Environment), command.Output, ended.Token);

            if (exit.Interrupted)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return new Rejection.TimedOut(name, limit);
            }

            if (exit.Code != 0)
                return new Rejection.ScriptFailed(name, exit.Code);
        }

        return new ScriptsRan();
    }

    private async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var exit = await runner.RunAsync(script, output, cancellationToken);
        var elapsed = time.GetElapsedTime(start);

        await output.WriteGatewayLineAsync($"{script.Name} ran in {(long)elapsed.TotalSeconds} seconds", script.Name);
        await output.ScriptEndedAsync(new ScriptResult(script.Name, exit.Code, elapsed));

        return exit;
    }
}
