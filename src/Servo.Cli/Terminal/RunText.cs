using System.Globalization;
using Servo.Client;

namespace Servo.Cli.Terminal;

/// <summary>Runs as text for a person.</summary>
internal static class RunText
{
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A table with a heading, without runs the heading alone.</summary>
    public static IEnumerable<string> Table(IReadOnlyList<RunInfo> runs)
    {
        string[][] rows = [["ID", "STATE", "ACCEPTED", "TOOK", "CALLER", "SCRIPTS"], .. runs.Select(Row)];
        var widths = Enumerable.Range(0, rows[0].Length - 1).Select(column => rows.Max(row => row[column].Length)).ToArray();

        return rows.Select(row => string.Join("  ", row.Select((cell, column) => column < widths.Length ? cell.PadRight(widths[column]) : cell)));
    }

    public static IEnumerable<string> Lines(RunInfo run)
    {
        yield return $"id        {run.Id}";
        yield return $"state     {State(run)}{(run.IsCancelRequested ? ", is being cancelled" : "")}";
        yield return $"accepted  {Time(run.Accepted)} from {run.Caller}{(run.IsDetached ? ", detached" : "")}";

        if (run.Started is { } started)
            yield return $"started   {Time(started)}";

        if (run.Ended is { } ended)
            yield return $"ended     {Time(ended)}";

        foreach (var script in run.Scripts)
            yield return $"script    {script.Name}{Ending(script)}";

        if (run.Failure is { } failure)
            yield return $"failure   {failure}";

        if (run.Variables.Count > 0)
            yield return $"variables {string.Join(", ", run.Variables)}";

        if (run.Locks.Count > 0)
            yield return $"locks     {string.Join(", ", run.Locks)}";

        yield return $"archive   {run.ArchiveBytes} bytes{(run.ArchiveSha256 is { } digest ? $", sha256 {digest}" : "")}";
    }

    /// <summary>What a run waits for, in words.</summary>
    public static string WaitsFor(IReadOnlyList<RunLockHolder> holders) =>
        $"waits for {string.Join(", ", holders.Select(holder => $"{holder.Name} (run {holder.RunId})"))}";

    private static string State(RunInfo run) =>
        run.State
        + (run.Position is { } position ? $", position {position}" : "")
        + (run.WaitsFor.Count > 0 ? $", {WaitsFor(run.WaitsFor)}" : "");

    private static string Ending(RunScript script) => script.ExitCode is { } code
        ? string.Create(CultureInfo.InvariantCulture, $": exit code {code} after {script.Duration?.TotalSeconds ?? 0:0.0} s")
        : "";

    private static string[] Row(RunInfo run) =>
        [run.Id, run.State, Time(run.Accepted), Took(run), run.Caller, string.Join("+", run.Scripts.Select(script => script.Name))];

    private static string Took(RunInfo run) => run is { Started: { } started, Ended: { } ended }
        ? string.Create(CultureInfo.InvariantCulture, $"{(ended - started).TotalSeconds:0.0} s")
        : "";
}
