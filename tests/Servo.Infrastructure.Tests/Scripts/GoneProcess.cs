using System.Globalization;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>A process that nothing is to be left of.</summary>
internal static class GoneProcess
{
    /// <summary>
    /// Reads the process table: the process must be no more, be a zombie that
    /// nobody has collected yet, or have been killed and be on its way out.
    /// </summary>
    public static async Task ShouldBeGoneAsync(string pid)
    {
        const uint Exiting = 0x4; // PF_EXITING, in the ninth field of proc_pid_stat(5)

        int.TryParse(pid, out _).ShouldBeTrue(pid);
        var path = $"/proc/{pid}/stat";

        if (!File.Exists(path))
            return;

        var stat = await File.ReadAllTextAsync(path);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var isEnding = fields[0] is "Z" or "X" || (uint.Parse(fields[6], CultureInfo.InvariantCulture) & Exiting) != 0;
        isEnding.ShouldBeTrue(stat);
    }
}
