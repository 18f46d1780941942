using System.IO.Enumeration;
using System.Security.Cryptography;

namespace Servo.Infrastructure.Tests.Archives;

/// <summary>What lies in a directory: paths with what they are, as lines that can be compared.</summary>
internal static class FileTree
{
    /// <summary>One line per entry: its kind (with <c>x</c> for a file that its owner may execute), its path and its content.</summary>
    public static string[] Describe(string directory)
    {
        var lines = new List<string>();
        Add(new DirectoryInfo(directory), "");

        return [.. lines.Order(StringComparer.Ordinal)];

        void Add(DirectoryInfo folder, string prefix)
        {
            foreach (var entry in folder.EnumerateFileSystemInfos())
            {
                var path = prefix + entry.Name;

                if (entry.LinkTarget is { } target)
                {
                    lines.Add($"l {path} -> {target}");
                }
                else if (entry is DirectoryInfo child)
                {
                    lines.Add($"d {path}");
                    Add(child, path + "/");
                }
                else
                {
                    var kind = entry.UnixFileMode.HasFlag(UnixFileMode.UserExecute) ? 'x' : 'f';
                    lines.Add($"{kind} {path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry.FullName)))}");
                }
            }
        }
    }

    /// <summary>All paths below a directory, without following links.</summary>
    public static IEnumerable<string> Paths(string directory) => new FileSystemEnumerable<string>(
        directory, (ref entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
    {
        ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    /// <summary>Makes a bundle with all that a bundle may hold: deep folders, long and foreign names, empty things, hidden ones, executables, links.</summary>
    public static void WriteSample(string directory, bool withLinks = false)
    {
        Write("hello.py", "print('hello')\n");
        Write("deploy.sh", "#!/bin/sh\n", isExecutable: true);
        Write("empty.txt", "");
        Write(".hidden", "dot file");
        Write(".config/settings.yml", "a: 1\n");
        Write("one/two/three/four/five/six/seven/deep.txt", "deep");
        Write($"long/{new string('n', 200)}", "long name");
        Write($"{new string('a', 90)}/{new string('b', 90)}/{new string('c', 90)}.txt", "long path");
        Write("ünïcödé/日本語 ☃.txt", "UTF-8");
        Write("with space/and 'quotes' & $.txt", "odd");
        Write("random.bin", "");
        Directory.CreateDirectory(Path.Join(directory, "empty folder/inner"));
        var bytes = new byte[300_000];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(Path.Join(directory, "random.bin"), bytes);

        if (withLinks)
        {
            File.CreateSymbolicLink(Path.Join(directory, "latest.txt"), "one/two/three/four/five/six/seven/deep.txt");
            Directory.CreateSymbolicLink(Path.Join(directory, ".config/current"), "../one/two");
            File.CreateSymbolicLink(Path.Join(directory, "one/up.py"), "../hello.py");
        }

        void Write(string name, string content, bool isExecutable = false)
        {
            var path = Path.Join(directory, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);

            if (isExecutable && OperatingSystem.IsLinux())
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
