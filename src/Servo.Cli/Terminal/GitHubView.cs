using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>
/// Shows a run in a log of GitHub Actions: a group for each script, an annotation for each error. All of it goes to one stream,
/// as a runner reads two streams in no defined order, and would ignore a command that it reads too early or too late.
/// </summary>
internal sealed class GitHubView(StandardStream stream, bool showLog, ScriptFiles files) : RunView
{
    private readonly WorkflowCommands _commands = new(stream);
    private string? _group;

    public override void WriteLog(RunLine line)
    {
        if (!showLog)
            return;

        if (line.Script is not null && line.Script != _group)
        {
            EndScript();
            _commands.Send("group", line.Script);
            _group = line.Script;
        }

        _commands.WriteLine(line.Text);
    }

    public override void EndScript()
    {
        if (_group is not null)
            _commands.Send("endgroup", "");

        _group = null;
    }

    public override void Note(string text, Style style = Style.Plain) => _commands.WriteOwnLine(text);

    public override void Warn(string text, string file) =>
        _commands.Send("warning", text, ("file", files.PathOf(file)), ("title", "servo"));

    public override void Fail(string text, RunFailure failure, string? script, IReadOnlyCollection<string> lastLines)
    {
        EndScript();
        _commands.Send(
            "error",
            string.Join('\n', [text, .. lastLines]),
            ("file", script is null ? null : files.PathOf(script)),
            ("title", failure.Detail));
    }

    public override void Fail(CommandFailure failure)
    {
        EndScript();
        _commands.Send("error", failure.Detail, ("title", "servo"));
    }

    public override void Dispose()
    {
        EndScript();
        _commands.Dispose();
        base.Dispose();
    }
}
