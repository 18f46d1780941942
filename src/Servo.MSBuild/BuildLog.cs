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

    /// <summary>The last lines of the script that failed.</summary>
    public IReadOnlyCollection<string> LastLines => _lastLines.Lines;

    public void Report(RunProgress value)
    {
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
