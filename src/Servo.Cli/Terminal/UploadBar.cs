using System.Text;
using Spectre.Console;

namespace Servo.Cli.Terminal;

/// <summary>A progress bar on a terminal, from the first packed file to the last sent byte; it disappears at its end.</summary>
internal sealed class UploadBar
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _display;
    private ProgressTask _task = null!;

    public UploadBar(StandardStream stream)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new Output(stream),
            // On Windows the detection also switches the escape codes on; elsewhere the stream knows.
            Ansi = OperatingSystem.IsWindows() ? AnsiSupport.Detect : AnsiSupport.Yes,
            // Not known to be so where standard input is none, and without it there would be lines instead of a bar.
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });

        _display = console.Progress()
            .AutoClear(true)
            .ExcludeVerticalPadding()
            .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                _task = context.AddTask("packing");
                _task.IsIndeterminate = true;
                return _end.Task;
            });
    }

    public void Pack(int files) => _task.Description = $"packing file {files}";

    public void Upload(long sent, long total)
    {
        _task.Description = $"uploading {ByteSize.Text(sent)} of {ByteSize.Text(total)}";
        _task.IsIndeterminate = false;
        // A task that has reached its end never goes back, as it must for a retry.
        (_task.MaxValue, _task.Value) = (total + 1, sent);
    }

    /// <summary>Removes the bar before it returns, so that the next output takes its place.</summary>
    public void Close()
    {
        _end.TrySetResult();
        _display.GetAwaiter().GetResult();
    }

    private sealed class Output(StandardStream stream) : IAnsiConsoleOutput
    {
        public TextWriter Writer => stream.Writer;

        public bool IsTerminal => true;

        // Some terminals do not tell their size.
        public int Width => Console.WindowWidth is > 0 and var width ? width : 80;

        public int Height => Console.WindowHeight is > 0 and var height ? height : 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
