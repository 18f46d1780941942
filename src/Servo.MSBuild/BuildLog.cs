using System.Globalization;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Servo.Client;

namespace Servo.MSBuild;

/// <summary>Writes what happens in a run to the build log: the scripts' words so that every build shows them, the rest for those who ask for more.</summary>
internal sealed class BuildLog(TaskLoggingHelper log, RunSettings settings) : IProgress<RunProgress>
{
    private bool _uploading;

    /// <summary>The run's name; empty before it has begun.</summary>
    public string RunId { get; private set; } = "";

    public void Report(RunProgress value)
    {
        switch (value)
        {
            case RunProgress.Packed packed:
                log.LogMessage(MessageImportance.Low, $"Packed {packed.Name}");
                break;
            case RunProgress.Uploading uploading:
                Report(uploading);
                break;
            case RunProgress.Retrying retrying:
                log.LogMessage(MessageImportance.High, string.Format(CultureInfo.InvariantCulture, "{0} Trying again in {1:0.#} s.", retrying.Reason, retrying.Delay.TotalSeconds));
                break;
            case RunProgress.Started started:
                RunId = started.RunId;
                log.LogMessage(MessageImportance.Normal, $"The run {RunId} has begun.");
                break;
            case RunProgress.Output output:
                log.LogMessage(output.Line.Stream == RunStreams.Servo ? MessageImportance.Normal : MessageImportance.High, output.Line.Text);
                break;
        }
    }

    // Once, not for every buffer: a build log cannot redraw a line.
    private void Report(RunProgress.Uploading uploading)
    {
        if (!_uploading)
            log.LogMessage(MessageImportance.Normal, string.Format(CultureInfo.InvariantCulture, "Uploading {0:N0} bytes to {1}", uploading.TotalBytes, settings.Gateway.Authority));

        _uploading = true;
    }
}
