using System.Text.RegularExpressions;
using Servo.Client;

namespace Servo.Shared;

/// <summary>The last lines that a script printed, within bounds, for a message that says why it failed.</summary>
internal sealed class LastLines
{
    private const int MaxLines = 10;
    private const int MaxLength = 300;

    // Colours and moves of the cursor (ECMA-48, section 5.4), and then any other control character.
    private static readonly Regex _escapes = new("\u001b\\[[0-?]*[ -/]*[@-~]|\\p{Cc}", RegexOptions.CultureInvariant);

    private readonly Queue<string> _lines = new();
    private string? _script;

    /// <summary>The lines, oldest first; none if the last script printed nothing.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Adds a line of the run's log; the gateway's own messages are ignored.</summary>
    public void Add(RunLine line)
    {
        if (line.Stream == RunStreams.Servo || FailureLine.Is(line))
            return;

        if (line.Script != _script)
            Restart(line.Script);

        var text = _escapes.Replace(line.Text.Replace('\t', ' '), "").TrimEnd();

        if (text.Length == 0)
            return;

        _lines.Enqueue(text.Length > MaxLength ? Shortened(text) : text);

        if (_lines.Count > MaxLines)
            _lines.Dequeue();
    }

    /// <summary>Ends a script; its lines are kept only if it failed, and those of other scripts are dropped.</summary>
    public void End(ScriptResult script)
    {
        if (script.ExitCode == 0 || script.Name != _script)
            Restart(script.Name);
    }

    private void Restart(string? script)
    {
        _lines.Clear();
        _script = script;
    }

    private static string Shortened(string text) =>
        text.Substring(0, char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength) + "…";
}
