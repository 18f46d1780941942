using System.Text;
using Servo.Client.Tests.Runs;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

/// <summary>Folders to pack, and what real tools find in the archive.</summary>
internal static class Sources
{
    public static readonly ServoCredential Credential = new("a token");

    /// <summary>All that a bundle may hold: deep folders, long and foreign names, empty things, hidden ones, executables, links.</summary>
    public static IReadOnlyList<(string Name, string Text)> Files { get; } =
    [
        ("hello.py", "print('hello')\n"),
        ("empty.txt", ""),
        (".hidden", "dot file"),
        (".config/settings.yml", "a: 1\n"),
        ("a.b/c", "a dot comes before a slash"),
        ("a/b", "and a slash before"),
        ("a0/b", "a digit"),
        ("one/two/three/four/five/six/seven/deep.txt", "deep"),
        ($"long/{new string('n', 200)}", "long name"),
        ($"{new string('a', 90)}/{new string('b', 90)}/{new string('c', 90)}.txt", "long path"),
        ($"{new string('d', 90)}/{new string('e', 60)}/{new string('f', 80)}", "split over two fields"),
        ($"{new string('h', 95)}.txt/x", "just too long"),
        (new string('g', 100), "just fits"),
        (new string('g', 101), "just does not"),
        ("ünïcödé/日本語 ☃ 🙂.txt", "UTF-8"),
        ("ﬀ.txt", "after the surrogates as UTF-16, before them as UTF-8"),
        ("with space/and 'quotes' & $ \\ .txt", "odd"),
        ("tool.sh", "#!/bin/sh\n"),
    ];

    public static void Write(string directory, bool inReverse = false)
    {
        foreach (var (name, text) in inReverse ? Files.Reverse() : Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(directory, name))!);
            File.WriteAllText(Path.Join(directory, name), text);
        }

        File.SetUnixFileMode(Path.Join(directory, "tool.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Join(directory, "empty folder/inner"));
        File.CreateSymbolicLink(Path.Join(directory, "latest.txt"), "one/two/three/four/five/six/seven/deep.txt");
        File.CreateSymbolicLink(Path.Join(directory, "one/up.py"), "../hello.py");
        File.CreateSymbolicLink(Path.Join(directory, "to-long"), Files[9].Name);
        Directory.CreateSymbolicLink(Path.Join(directory, ".config/current"), "../ünïcödé");
        var bytes = new byte[700_000];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(Path.Join(directory, "random.bin"), bytes);
    }

    public static async Task<byte[]> PackAsync(this Bundle bundle, ServoCredential? credential = null)
    {
        using var archive = new MemoryStream();
        await bundle.PackAsync(archive, credential, progress: null, TestContext.Current.CancellationToken);
        return archive.ToArray();
    }

    /// <summary>Opens a bundle as a run does, with and without progress, which an archive's names are read for as well.</summary>
    public static async Task CheckScriptsAsync(this Bundle bundle, params string[] scripts)
    {
        foreach (var progress in new[] { null, new RecordedProgress() })
        {
            using var opened = await bundle.OpenAsync(Credential, SignatureAlgorithm.Sha256, scripts, progress, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What GNU tar lists.</summary>
    public static async Task<string[]> TarListAsync(this Bundle bundle, TempDirectory directory, ServoCredential? credential = null)
    {
        await File.WriteAllBytesAsync(directory.File("listed.tgz"), await bundle.PackAsync(credential));

        return (await ChildProcess.RunAsync(directory.Path, "tar", "--quoting-style=literal", "-tzf", "listed.tgz"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Every file and link below a directory, with what it holds, and every folder.</summary>
    public static string[] Describe(string directory) =>
    [
        .. Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => (Name: Path.GetRelativePath(directory, path), Info: new FileInfo(path)))
            .Where(found => !found.Name.StartsWith(".config/current/", StringComparison.Ordinal))
            .Select(found => found.Info.LinkTarget is { } target ? $"{found.Name} -> {target}"
                : Directory.Exists(found.Info.FullName) ? $"{found.Name}/"
                : $"{found.Name} {found.Info.UnixFileMode.HasFlag(UnixFileMode.UserExecute)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(found.Info.FullName)))}")
            .Order(StringComparer.Ordinal),
    ];

    public static string Utf8Hex(string name) => Convert.ToHexString(Encoding.UTF8.GetBytes(name));
}
