using System.Reflection;

namespace Servo.Infrastructure.Runs;

/// <summary>The Python sources that travel inside this assembly.</summary>
internal static class EmbeddedPython
{
    public const string SupervisorName = "supervisor.py";

    private const string Prefix = "python/";

    /// <summary>Writes them below <paramref name="directory"/>: the supervisor beside, and the package under, <c>python/</c>.</summary>
    public static void Extract(string directory)
    {
        var assembly = Assembly.GetExecutingAssembly();

        foreach (var name in assembly.GetManifestResourceNames().Where(name => name == SupervisorName || name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var path = Path.Join(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, RuntimeDirectory.OwnerOnly);

            using var source = assembly.GetManifestResourceStream(name)!;
            using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            source.CopyTo(target);
        }
    }
}
