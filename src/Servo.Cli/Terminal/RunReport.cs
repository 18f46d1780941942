using System.Globalization;
using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>Tells a run as it happens: its log on standard output, everything else on standard error.</summary>
internal sealed class RunReport(StandardStreams streams, bool showLog) : IProgress<RunProgress>, IDisposable
{
    private UploadBar? _bar;
    private long _sent;
    private long _total;
    private bool _uploadTold;

    /// <summary>What becomes of the run if nobody waits for its end.</summary>
    public string Fate { get; private set; } = "No run has begun.";

    public void Report(RunProgress value)
    {
        switch (value)
        {
            case RunProgress.Packed packed:
                Bar?.Pack(packed.Files);
                break;
            case RunProgress.Uploading uploading:
                Upload(uploading.SentBytes, uploading.TotalBytes);
                break;
            case RunProgress.Retrying retrying:
                Retry(retrying);
                break;
            case RunProgress.Started started:
                TellUpload();
                Fate = $"The run {started.RunId} goes on in the gateway; its log tells how it ends.";
                streams.Error.WriteLine($"started run {started.RunId}", Style.Dim);
                break;
            case RunProgress.Output output:
                TellUpload();
                Write(output.Line);
                break;
            case RunProgress.ScriptEnded { Script: var script }:
                streams.Error.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{script.Name} ended with exit code {script.ExitCode} after {script.Duration.TotalSeconds:0.0} s"),
                    script.ExitCode == 0 ? Style.Dim : Style.Red);
                break;
        }
    }

    /// <summary>Takes the bar away, if there is one.</summary>
    public void Dispose()
    {
        _bar?.Close();
        _bar = null;
    }

    private UploadBar? Bar => streams.Error.TakesEscapes ? _bar ??= new UploadBar(streams.Error) : null;

    private void Upload(long sent, long total)
    {
        (_sent, _total) = (sent, total);
        Bar?.Upload(sent, total);

        if (sent == total)
            Fate = "The upload was complete: if the run has begun, it goes on in the gateway.";
    }

    private void Retry(RunProgress.Retrying retrying)
    {
        Dispose();
        Fate = "No run has begun.";
        streams.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{retrying.Reason} Trying again in {retrying.Delay.TotalSeconds:0.0} s."));
    }

    private void TellUpload()
    {
        Dispose();

        // An answer that came before the whole upload was read counts as well.
        if (!_uploadTold && _total > 0)
            streams.Error.WriteLine($"uploaded {ByteSize.Text(_sent)}", Style.Dim);

        _uploadTold = true;
    }

    private void Write(RunLine line)
    {
        if (showLog)
            streams.Output.WriteLine(line.Text, line.Stream == RunStreams.Servo ? Style.Dim : Style.Plain);
    }
}
