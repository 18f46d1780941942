using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>
/// Shows a run on the console: its log on standard output, everything else on standard error, with a progress bar on a terminal.
/// </summary>
internal sealed class ConsoleView(StandardStreams streams, bool showLog) : RunView
{
    private UploadBar? _bar;

    private UploadBar? Bar => streams.Error.TakesEscapes ? _bar ??= new UploadBar(streams.Error) : null;

    public override void ShowPacking(int files) => Bar?.Pack(files);

    public override void ShowUpload(long sent, long total) => Bar?.Upload(sent, total);

    public override void Clear()
    {
        _bar?.Close();
        _bar = null;
    }

    public override void WriteLog(RunLine line)
    {
        if (showLog)
            streams.Output.WriteLine(line.Text, line.Stream == RunStreams.Servo ? Style.Dim : Style.Plain);
    }

    public override void Note(string text, Style style = Style.Plain) => streams.Error.WriteLine(text, style);

    public override void Warn(string text, string file) => streams.Warn(text);

    public override void Fail(string text, RunFailure failure, string? script, IReadOnlyCollection<string> lastLines) =>
        streams.Error.WriteLine(text, Style.Red);

    public override void Fail(CommandFailure failure) => streams.Fail(failure.Detail);
}
