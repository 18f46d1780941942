using System.Globalization;
using System.Text;

namespace Servo.Infrastructure.Processes;

/// <summary>The processes of this machine by their parents, as /proc tells them (proc_pid_stat(5)).</summary>
internal sealed class ProcessTable
{
    private static readonly TimeSpan _overdue = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<int, List<int>> _children = [];

    /// <summary>Reads the table; a process that ends meanwhile may be missing.</summary>
    public ProcessTable()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(id) is { } stat)
            {
                if (!_children.TryGetValue(stat.Parent, out var siblings))
                    _children[stat.Parent] = siblings = [];

                siblings.Add(id);
            }
        }
    }

    /// <summary>The children of a process.</summary>
    public IReadOnlyList<int> Children(int parent) => _children.TryGetValue(parent, out var children) ? children : [];

    /// <summary>These processes and all that are below them.</summary>
    public HashSet<int> Trees(IEnumerable<int> roots)
    {
        var found = new HashSet<int>();
        var walk = new Stack<int>(roots);

        while (walk.TryPop(out var id))
        {
            if (!found.Add(id))
                continue;

            foreach (var child in Children(id))
                walk.Push(child);
        }

        return found;
    }

    /// <summary>Whether a process goes on: it has neither ended nor been stopped.</summary>
    public static bool IsActive(int id) => Stat(id) is { State: not ('T' or 't' or 'Z' or 'X') };

    /// <summary>Whether a process can do nothing until somebody continues it (SIGSTOP, a tracer); not so for one that has ended.</summary>
    public static bool IsStopped(int id) => Stat(id) is { State: 'T' or 't' };

    /// <summary>Continues a process that somebody has stopped.</summary>
    public static void Wake(int id)
    {
        if (IsStopped(id))
            _ = Libc.kill(id, Libc.Continue);
    }

    /// <summary>Waits for the answer of a process, which somebody may have stopped meanwhile, or may stop now: then it is continued.</summary>
    public static async Task<T> KeepAwakeAsync<T>(int id, Task<T> answer)
    {
        while (await Task.WhenAny(answer, Task.Delay(_overdue)) != answer)
            Wake(id);

        return await answer;
    }

    /// <summary>The nice value of a process, or of this one; <see langword="null"/> where it has ended.</summary>
    public static int? Nice(int id) => Stat(id)?.Nice;

    /// <summary>The resident memory of a process in bytes; 0 where it has ended.</summary>
    public static long Memory(int id)
    {
        try
        {
            // Resident pages are the second field of proc_pid_statm(5).
            return long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static (char State, int Parent, int Nice)? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllBytes($"/proc/{id}/stat");

            // The command's name stands in parentheses and may itself hold blanks and parentheses. State, parent and nice are fields 3, 4 and 19.
            var fields = Encoding.ASCII.GetString(stat.AsSpan(stat.AsSpan().LastIndexOf((byte)')') + 2)).Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[16], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException or FormatException)
        {
            return null;
        }
    }
}
