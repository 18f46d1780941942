using System.Text.RegularExpressions;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>Where file systems are mounted (proc_pid_mountinfo(5)).</summary>
internal static partial class MountTable
{
    private const int Path = 4;
    private const int FirstOptional = 6;

    /// <summary>The paths at which file systems of a kind are mounted.</summary>
    public static IEnumerable<string> PathsOf(string kind) =>
        from line in File.ReadLines("/proc/self/mountinfo")
        let fields = line.Split(' ')
        let separator = Array.IndexOf(fields, "-", FirstOptional)
        where separator > 0 && fields[separator + 1] == kind
        select Escaped().Replace(fields[Path], match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Escaped();
}
