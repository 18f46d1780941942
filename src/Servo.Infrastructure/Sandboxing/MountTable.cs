using System.Text.RegularExpressions;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>Where file systems are mounted (proc_pid_mountinfo(5)).</summary>
internal static partial class MountTable
{
    private const int Path = 4;
    private const int FirstOptional = 6;

    /// <summary>The paths at which file systems of a kind are mounted; read anew each time they are enumerated.</summary>
    public static IEnumerable<string> PathsOf(string kind)
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-", FirstOptional);

            if (separator > 0 && fields[separator + 1] == kind)
                yield return Escaped().Replace(fields[Path], match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());
        }
    }

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Escaped();
}
