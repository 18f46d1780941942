using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// The second line of defence, for when a script has taken its supervisor down: finds what the script started by a variable in its environment.
/// Unlike the supervisor it misses a process that has emptied its environment.
/// </summary>
internal static class Orphans
{
    private const int Passes = 100;

    /// <summary>Kills every process of this user whose environment holds the variable with this value, and those that they start meanwhile.</summary>
    public static void Kill(string name, string value)
    {
        var entry = Encoding.UTF8.GetBytes($"\0{name}={value}\0");

        for (var pass = 0; pass < Passes; pass++)
        {
            var found = Find(entry);

            if (found.Count == 0)
                return;

            found.ForEach(Kill);
        }
    }

    private static List<int> Find(byte[] entry)
    {
        var found = new List<int>();

        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Holds(directory, entry))
                found.Add(id);
        }

        return found;
    }

    private static bool Holds(string directory, byte[] entry)
    {
        try
        {
            byte[] environment = [0, .. File.ReadAllBytes(Path.Join(directory, "environ"))];
            return environment.AsSpan().IndexOf(entry) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return false;
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended meanwhile.
        }
    }
}
