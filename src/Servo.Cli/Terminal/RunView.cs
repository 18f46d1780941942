using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>The view of a run: on the console, or in the log of a build server.</summary>
internal abstract class RunView : IDisposable
{
    /// <summary>Shows the packing, on a view that can replace what it shows.</summary>
    public virtual void ShowPacking(int files)
    {
    }

    /// <summary>Shows how much was sent, on a view that can replace what it shows.</summary>
    public virtual void ShowUpload(long sent, long total)
    {
    }

    /// <summary>Removes what can be replaced before other output is written.</summary>
    public virtual void Clear()
    {
    }

    /// <summary>Writes a line of the run's log.</summary>
    public abstract void WriteLog(RunLine line);

    /// <summary>Ends the output of one script.</summary>
    public virtual void EndScript()
    {
    }

    /// <summary>Writes a message of the tool.</summary>
    public abstract void Note(string text, Style style = Style.Plain);

    /// <summary>Writes a warning about a file of the bundle.</summary>
    public abstract void Warn(string text, string file);

    /// <summary>Shows that a run failed, with the last lines of the script if the log is hidden.</summary>
    public abstract void Fail(string text, RunFailure failure, string? script, IReadOnlyCollection<string> lastLines);

    /// <summary>Shows why there is no outcome.</summary>
    public abstract void Fail(CommandFailure failure);

    public virtual void Dispose() => Clear();
}
