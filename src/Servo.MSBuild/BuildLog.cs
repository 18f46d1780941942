using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Servo.Client;
using Servo.Shared;

namespace Servo.MSBuild;

/// <summary>Writes a run to the build log: the scripts' output at high importance, everything else at a lower one.</summary>
internal sealed class BuildLog(TaskLoggingHelper log, RunSettings settings) : IProgress<RunProgress>
{
    private readonly LastLines _lastLines = new();
    private bool _uploading;
    private bool _reconnecting;

    /// <summary>The last lines of the script that failed.</summary>
    public IReadOnlyCollection<string> LastLines => _lastLines.Lines;

    public void Report(RunProgress value)
    {
        _reconnecting &= value is RunProgress.Reconnecting;

        switch (value)
        {
            case RunProgress.ClearSecret secret:
                log.LogWarning(null, ErrorCode.ClearSecret, null, null, 0, 0, 0, 0,
                    $"'{secret.Name}' is packed in the clear beside '{secret.EncryptedName}', its encrypted form. "
                    + "Leave it out with ServoExclude or a .servoignore file, or remove it.");
                break;
            case RunProgress.Packed packed:
                log.LogMessage(MessageImportance.Low, $"Packed {packed.Name}");
                break;
            case RunProgress.Uploading uploading:
                Report(uploading);
                break;
            case RunProgress.Retrying retrying:
                log.LogMessage(
                    MessageImportance.High,
                    string.Format(
                        CultureInfo.InvariantCulture, "{0} Trying again in {1:0.#} s.", retrying.Reason, retrying.Delay.TotalSeconds));
                break;
            case RunProgress.Accepted accepted:
                log.LogMessage(MessageImportance.Normal, $"The gateway has accepted the run {accepted.RunId}.");
                break;
            case RunProgress.Queued queued:
                log.LogMessage(
                    MessageImportance.High,
                    string.Format(CultureInfo.InvariantCulture, "The run is queued at position {0}.", queued.Position));
                break;
            case RunProgress.Waiting waiting:
                log.LogMessage(MessageImportance.High, $"The run waits for {string.Join(", ", waiting.WaitsFor)}.");
                break;
            case RunProgress.Reconnecting reconnecting:
                Report(reconnecting);
                break;
            case RunProgress.Started started:
                log.LogMessage(MessageImportance.Normal, $"The run {started.RunId} has started.");
                break;
            case RunProgress.Output output:
                _lastLines.Add(output.Line);
                log.LogMessage(Importance(output.Line), output.Line.Text);
                break;
            case RunProgress.ScriptEnded ended:
                _lastLines.End(ended.Script);
                break;
        }
    }

    // The error says it as well.
    private static MessageImportance Importance(RunLine line) =>
        line.Stream != RunStreams.Servo ? MessageImportance.High
        : FailureLine.Is(line) ? MessageImportance.Low
        : MessageImportance.Normal;

    // Once, not for every attempt.
    private void Report(RunProgress.Reconnecting reconnecting)
    {
        if (!_reconnecting)
            log.LogMessage(MessageImportance.High, $"{reconnecting.Reason} Trying to follow the run again.");

        _reconnecting = true;
    }

    // Once, not for every buffer: a build log cannot redraw a line.
    private void Report(RunProgress.Uploading uploading)
    {
        if (!_uploading)
            log.LogMessage(
                MessageImportance.Normal,
                string.Format(
                    CultureInfo.InvariantCulture, "Uploading {0:N0} bytes to {1}", uploading.TotalBytes, settings.Gateway.Authority));

        _uploading = true;
    }
}
