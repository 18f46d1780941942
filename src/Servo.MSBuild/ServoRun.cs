using Microsoft.Build.Framework;
using Servo.Client;
using Servo.Shared;

namespace Servo.MSBuild;

/// <summary>Packs, signs and uploads a bundle, runs its scripts on a gateway and writes their output to the build log; whatever fails is an error with a code, SERVO001 and so on.</summary>
public sealed class ServoRun : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The gateway's address, such as <c>https://servo.example:5000</c>.</summary>
    public string? Url { get; set; }

    /// <summary>A folder to pack, or an archive to upload as it is.</summary>
    public string? Bundle { get; set; }

    /// <summary>The scripts to run, in order; each is a path inside the bundle.</summary>
    public ITaskItem[] Scripts { get; set; } = [];

    /// <summary>Variables of the scripts' environment, by name, each with a metadatum <c>Value</c>.</summary>
    public ITaskItem[] Variables { get; set; } = [];

    /// <summary>Patterns (the syntax of gitignore) of files that travel encrypted.</summary>
    public string[] Encrypt { get; set; } = [];

    /// <summary>Patterns (the syntax of gitignore) of files that stay behind.</summary>
    public string[] Exclude { get; set; } = [];

    /// <summary>How long to wait for the run's end, as <c>hh:mm:ss</c> or in seconds; empty for no limit.</summary>
    public string? Timeout { get; set; }

    /// <summary>A file that holds the servo token; without one it comes from the environment variable <c>SERVO_TOKEN</c>.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The signature's algorithm: <c>sha256</c> (the default), <c>sha512</c>, or <c>sha1</c> for an original servo.</summary>
    public string? Algorithm { get; set; }

    /// <summary>Whether the project has the token in a property, where every log shows it: an error.</summary>
    public bool TokenInProperty { get; set; }

    /// <summary>The run's name, as in the gateway's log; empty where none began.</summary>
    [Output]
    public string RunId { get; private set; } = "";

    /// <summary>Whether every script ended with exit code 0.</summary>
    [Output]
    public bool Succeeded { get; private set; }

    /// <summary>Runs the scripts; false where an error was logged.</summary>
    public override bool Execute()
    {
        var settings = RunSettings.From(this, out var problems);

        foreach (var problem in problems)
            LogError(ErrorCode.Setting, problem);

        // MSBuild's contract is synchronous, so the one blocking wait is here, at the edge. It cannot deadlock: the work starts on
        // the thread pool and never returns to a synchronization context, and Cancel() comes on another thread.
#pragma warning disable VSTHRD002
        return settings is not null && System.Threading.Tasks.Task.Run(() => ExecuteAsync(settings)).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>Stops waiting; a run that has begun is not stopped.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <summary>Ends the cancellation's source.</summary>
    public void Dispose() => _cancellation.Dispose();

    private async Task<bool> ExecuteAsync(RunSettings settings)
    {
        var progress = new BuildLog(Log, settings);

        try
        {
            var client = new ServoClient(settings.Gateway, settings.Credential, settings.ClientOptions);
            var outcome = await client.RunAsync(settings.Bundle, settings.Scripts, settings.RunOptions, progress, _cancellation.Token).ConfigureAwait(false);

            (RunId, Succeeded) = (outcome.RunId ?? "", outcome.Succeeded);

            if (outcome.Failure is { } failure)
                LogError(ErrorCode.RunFailed, FailureMessage.Of(failure, RunId, progress.LastLines));
        }
        catch (BundleException e)
        {
            LogError(ErrorCode.Bundle, PropertyHint.On(e));
        }
        catch (ServoRequestException e)
        {
            RunId = e.RunId ?? "";
            LogError(ErrorCode.Of(e.Error), PropertyHint.On(e));
        }
        catch (ArgumentException e)
        {
            LogError(ErrorCode.Setting, ArgumentMessage.Of(e));
        }
        catch (ServoRunCanceledException e)
        {
            RunId = e.RunId ?? "";
            // A warning, as whoever cancelled needs no error: the task fails without one, and so does the build.
            Log.LogWarning(null, ErrorCode.Cancelled, null, null, 0, 0, 0, 0, e.Message);
        }

        return Succeeded;
    }

    private void LogError(string code, string message) => Log.LogError(null, code, null, null, 0, 0, 0, 0, message);
}
