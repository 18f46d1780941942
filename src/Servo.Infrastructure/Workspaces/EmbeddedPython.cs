using System.Reflection;

namespace Servo.Infrastructure.Workspaces;

/// <summary>The Python sources that travel inside this assembly.</summary>
internal static class EmbeddedPython
{
    /// <summary>The program that starts supervisors only, relative to the directory.</summary>
    public const string ForkServer = "supervision/forkserver.py";

    /// <summary>The program that also forks scripts from itself.</summary>
    public const string WarmForkServer = "supervision/warm.py";

    /// <summary>
    /// Writes them below <paramref name="directory"/>: the host's own programs
    /// under <c>supervision/</c>, the scripts' package under <c>python/</c>.
    /// </summary>
    public static void Extract(string directory)
    {
        var assembly = Assembly.GetExecutingAssembly();

        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".py", StringComparison.Ordinal)))
        {
            var path = Path.Join(directory, name);
            PrivateFile.CreateDirectory(Path.GetDirectoryName(path)!);

            using var source = assembly.GetManifestResourceStream(name)!;
            using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            source.CopyTo(target);
        }
    }
}
