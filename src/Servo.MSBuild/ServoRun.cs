using Microsoft.Build.Framework;
using Servo.Client;
using Servo.Shared;

namespace Servo.MSBuild;

/// <summary>
/// Packs, signs and uploads a bundle, runs its scripts on a gateway and writes their output to the build log; failures are errors with
/// codes from SERVO001.
/// </summary>
public sealed class ServoRun : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    // MSBuild waits for a cancelled task; a gateway takes less time to end a run's scripts.
    private static readonly TimeSpan _longestCancellation = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>The gateway's address, such as <c>https://servo.example:5000</c>.</summary>
    public string? Url { get; set; }

    /// <summary>A folder to pack, or an archive to upload as it is.</summary>
    public string? Bundle { get; set; }

    /// <summary>The scripts to run, in order; each is a path inside the bundle.</summary>
    public ITaskItem[] Scripts { get; set; } = [];

    /// <summary>Variables of the scripts' environment, by name, each with a metadatum <c>Value</c>.</summary>
    public ITaskItem[] Variables { get; set; } = [];

    /// <summary>Patterns (gitignore syntax) of files to encrypt.</summary>
    public string[] Encrypt { get; set; } = [];

    /// <summary>Patterns (gitignore syntax) of files to exclude.</summary>
    public string[] Exclude { get; set; } = [];

    /// <summary>The timeout of the call, as <c>hh:mm:ss</c> or in seconds; empty for no limit.</summary>
    public string? Timeout { get; set; }

    /// <summary>The run's locks, each as <c>NAME</c> or, with the metadatum <c>Shared</c> set to <c>true</c>, as one that is shared.</summary>
    public ITaskItem[] Locks { get; set; } = [];

    /// <summary>The build's own name for this one run: a repeated build with the same name attaches to the run of the first.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>
    /// How long to try to follow a run again whose connection broke, as <c>hh:mm:ss</c> or in seconds; empty for two minutes.
    /// </summary>
    public string? ReconnectTimeout { get; set; }

    /// <summary>A file with the servo token; otherwise the environment variable <c>SERVO_TOKEN</c> is used.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The signature's algorithm: <c>sha256</c> (the default), <c>sha512</c>, or <c>sha1</c> for an original servo.</summary>
    public string? Algorithm { get; set; }

    /// <summary>Whether the project sets the token as a property, which is an error: every log shows it.</summary>
    public bool TokenInProperty { get; set; }

    /// <summary>The run's id, as in the gateway's log; empty if none started.</summary>
    [Output]
    public string RunId { get; private set; } = "";

    /// <summary>Whether every script ended with exit code 0.</summary>
    [Output]
    public bool Succeeded { get; private set; }

    /// <summary>Runs the scripts; false if an error was logged.</summary>
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

    /// <summary>Cancels the run at the gateway and waits a little for its end; a run that the gateway cannot cancel continues.</summary>
    public void Cancel()
    {
        _leaving.CancelAfter(_longestCancellation);
        _cancellation.Cancel();
    }

    /// <summary>Disposes of the cancellation sources.</summary>
    public void Dispose()
    {
        _cancellation.Dispose();
        _leaving.Dispose();
    }

    private async Task<bool> ExecuteAsync(RunSettings settings)
    {
        var progress = new BuildLog(Log, settings);

        try
        {
            settings.RunOptions.RunCancellation = _cancellation.Token;
            var client = new ServoClient(settings.Gateway, settings.Credential, settings.ClientOptions);
            var outcome = await client.RunAsync(
                settings.Bundle, settings.Scripts, settings.RunOptions, progress, _leaving.Token).ConfigureAwait(false);

            (RunId, Succeeded) = (outcome.RunId ?? "", outcome.Succeeded);

            if (_cancellation.IsCancellationRequested && outcome.Failure is { Kind: FailureKinds.Cancelled })
                // A warning, as whoever cancelled needs no error: the task fails without one, and so does the build.
                LogWarning(ErrorCode.Cancelled, $"The build was cancelled, and so was the run {RunId}.");
            else if (outcome.Failure is { } failure)
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
            LogWarning(ErrorCode.Cancelled, e.Message);
        }

        return Succeeded;
    }

    private void LogWarning(string code, string message) => Log.LogWarning(null, code, null, null, 0, 0, 0, 0, message);

    private void LogError(string code, string message) => Log.LogError(null, code, null, null, 0, 0, 0, 0, message);
}
