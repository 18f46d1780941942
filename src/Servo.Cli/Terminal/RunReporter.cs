using System.Globalization;
using Servo.Client;
using Servo.Shared;

namespace Servo.Cli.Terminal;

/// <summary>
/// Reports a run live. Leaves out the gateway's lines about the end of a script or of the run if the tool says the same, so that each ends
/// with one line.
/// </summary>
internal sealed class RunReporter(RunView view) : IProgress<RunProgress>
{
    private readonly LastLines _lastLines = new();
    private readonly WaitNote _wait = new(view);
    private RunLine? _heldLine;
    private ScriptResult? _heldScript;
    private long _sent;
    private long _total;
    private bool _uploadTold;
    private string? _accepted;
    private bool _reconnecting;

    /// <summary>The sentence about the run if the tool stops following it.</summary>
    public string DetachedRunMessage { get; private set; } = "No run has started.";

    public void Report(RunProgress value)
    {
        _reconnecting &= value is RunProgress.Reconnecting;

        switch (value)
        {
            case RunProgress.ClearSecret secret:
                Warn(secret);
                break;
            case RunProgress.Packed packed:
                view.ShowPacking(packed.Files);
                break;
            case RunProgress.Uploading uploading:
                Upload(uploading.SentBytes, uploading.TotalBytes);
                break;
            case RunProgress.Retrying retrying:
                Retry(retrying);
                break;
            case RunProgress.Accepted accepted:
                TellUpload();
                _accepted = accepted.RunId;
                DetachedRunMessage = $"The run {_accepted} is not stopped by this: 'servo wait {_accepted}' follows it.";
                break;
            case RunProgress.Queued queued:
                _wait.Tell(string.Create(CultureInfo.InvariantCulture, $"run {_accepted} is queued at position {queued.Position}"));
                break;
            case RunProgress.Waiting waiting:
                _wait.Tell($"run {_accepted} {RunText.WaitsFor(waiting.WaitsFor)}");
                break;
            case RunProgress.Reconnecting:
                Reconnect();
                break;
            case RunProgress.Started started:
                TellUpload();
                _wait.End();

                if (_accepted is null)
                    DetachedRunMessage = $"The run {started.RunId} was accepted and is not stopped by this: search the gateway's log for "
                        + $"{started.RunId}.";

                view.Note($"started run {started.RunId}", Style.Dim);
                break;
            case RunProgress.Output output:
                TellUpload();
                Write(output.Line);
                break;
            case RunProgress.ScriptEnded { Script: var script }:
                End(script);
                break;
        }
    }

    /// <summary>Reports the outcome and returns the exit code.</summary>
    public int End(RunOutcome outcome)
    {
        _wait.TellNow();
        _wait.End();
        var run = outcome.RunId is null ? "the run" : $"run {outcome.RunId}";

        if (outcome.Failure is not { } failure)
        {
            TellHeld();
            view.Note($"{run} succeeded");
            return ExitCode.Success;
        }

        if (_heldLine is { } line && !line.Text.EndsWith($"failure ({failure.Detail})", StringComparison.Ordinal))
            TellHeldLine();

        var script = _heldScript?.Name;

        // The failure mostly tells it: one script, one message.
        if (script is not null && !failure.Detail.Contains(script, StringComparison.Ordinal))
            TellHeldScript();

        view.Fail($"{run} failed: {failure}", failure, script, _lastLines.Lines);
        return ExitCode.RunFailed;
    }

    /// <summary>Reports that a run was accepted and is not waited for.</summary>
    public void End(RunInfo run)
    {
        TellUpload();
        view.Note($"accepted run {run.Id}, which is {run.State}", Style.Dim);
    }

    /// <summary>Reports why there is no outcome.</summary>
    public void End(CommandFailure failure)
    {
        _wait.End();
        view.Clear();
        TellHeld();
        view.Fail(failure);
    }

    /// <summary>Tells that the run is being cancelled, if there is one.</summary>
    public void Cancel()
    {
        if (_accepted is { } id)
            view.Note($"cancelling run {id}; interrupt again to leave it");
    }

    private void Upload(long sent, long total)
    {
        (_sent, _total) = (sent, total);
        view.ShowUpload(sent, total);

        if (sent == total)
            DetachedRunMessage = "The upload was complete, so a run may have started: check the gateway's log.";
    }

    private void Retry(RunProgress.Retrying retrying)
    {
        view.Clear();
        DetachedRunMessage = "No run has started.";
        view.Note(string.Create(CultureInfo.InvariantCulture, $"{retrying.Reason} Trying again in {retrying.Delay.TotalSeconds:0.0} s."));
    }

    private void Reconnect()
    {
        if (!_reconnecting)
            view.Note($"The connection to run {_accepted} broke: trying to follow it again.");

        _reconnecting = true;
    }

    private void TellUpload()
    {
        view.Clear();

        // An answer that came before the whole upload was read counts as well.
        if (!_uploadTold && _total > 0)
            view.Note($"uploaded {ByteSize.Text(_sent)}", Style.Dim);

        _uploadTold = true;
    }

    private void Write(RunLine line)
    {
        _lastLines.Add(line);

        if (IsEnding(line))
        {
            TellHeldLine();
            _heldLine = line;
            return;
        }

        TellHeld();
        view.WriteLog(line);
    }

    private void End(ScriptResult script)
    {
        // The gateway's log has just said it, without the exit code.
        if (_heldLine?.Script == script.Name)
            _heldLine = null;

        TellHeld();
        view.EndScript();
        _lastLines.End(script);
        _heldScript = script;

        if (script.ExitCode == 0)
            TellHeldScript();
    }

    private void TellHeld()
    {
        TellHeldLine();
        TellHeldScript();
    }

    private void TellHeldLine()
    {
        if (_heldLine is { } line)
            view.WriteLog(line);

        _heldLine = null;
    }

    private void TellHeldScript()
    {
        if (_heldScript is { } script)
        {
            view.Note(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{script.Name} ended with exit code {script.ExitCode} after {script.Duration.TotalSeconds:0.0} s"),
                script.ExitCode == 0 ? Style.Dim : Style.Red);
        }

        _heldScript = null;
    }

    private void Warn(RunProgress.ClearSecret secret)
    {
        view.Clear();
        view.Warn(ClearSecretWarning.Text(secret), secret.Name);
    }

    // Held back until it is known whether the tool says the same. A script's own words never are.
    private static bool IsEnding(RunLine line) =>
        line.Stream == RunStreams.Servo && line.Script is { } script
            ? line.Text.StartsWith($"{script} ran in ", StringComparison.Ordinal)
            : FailureLine.Is(line);
}
