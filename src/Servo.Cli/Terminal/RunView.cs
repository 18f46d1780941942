using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>Where a run is shown: for a person, or in the log of a build server.</summary>
internal abstract class RunView : IDisposable
{
    /// <summary>Shows that files are packed, where what is shown can be replaced.</summary>
    public virtual void ShowPacking(int files)
    {
    }

    /// <summary>Shows how much has left, where what is shown can be replaced.</summary>
    public virtual void ShowUpload(long sent, long total)
    {
    }

    /// <summary>Takes away what can be replaced, before other words are written.</summary>
    public virtual void Clear()
    {
    }

    /// <summary>Writes a line of the run's log.</summary>
    public abstract void WriteLog(RunLine line);

    /// <summary>Ends what belongs to one script.</summary>
    public virtual void EndScript()
    {
    }

    /// <summary>Writes a line of the tool's own.</summary>
    public abstract void Note(string text, Style style = Style.Plain);

    /// <summary>Writes a warning about a file of the bundle.</summary>
    public abstract void Warn(string text, string file);

    /// <summary>Says that a run failed, and shows the last lines of the script where the log is not in sight.</summary>
    public abstract void Fail(string text, RunFailure failure, string? script, IReadOnlyCollection<string> lastLines);

    /// <summary>Says why there is no outcome.</summary>
    public abstract void Fail(CommandFailure failure);

    public virtual void Dispose() => Clear();
}
