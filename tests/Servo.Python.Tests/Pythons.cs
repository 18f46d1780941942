using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>Every Python of this machine that the package supports, by version: those on the PATH, the system's own and pyenv's.</summary>
internal static class Pythons
{
    private static readonly string[] Names =
        ["python2.7", "python2", "python3", .. Enumerable.Range(6, 9).Select(minor => $"python3.{minor}")];

    private static readonly Lazy<Task<IReadOnlyDictionary<string, string>>> Found = new(FindAsync);

    /// <summary>The executables by version, such as <c>3.11.2</c>.</summary>
    public static Task<IReadOnlyDictionary<string, string>> OnThisMachine => Found.Value;

    private static async Task<IReadOnlyDictionary<string, string>> FindAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var pyenv = await PyenvRootAsync(folders);

        // pyenv's shims are scripts that take 120 ms to find the real interpreter, so its versions are asked directly.
        var executables = folders.Where(folder => pyenv is null || !folder.StartsWith(pyenv, StringComparison.Ordinal)).Append("/usr/bin")
            .SelectMany(folder => Names.Select(name => Path.Join(folder, name)))
            .Concat(pyenv is null ? [] : Directory.GetDirectories(Path.Join(pyenv, "versions")).Select(version => Path.Join(version, "bin", "python")))
            .Where(File.Exists)
            .Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path)
            .Distinct();

        var versions = await Task.WhenAll(executables.Select(async path => (Path: path, Version: await VersionAsync(path))));

        return versions
            .Where(python => python.Version is { } version && IsSupported(version))
            .DistinctBy(python => python.Version)
            .OrderBy(python => System.Version.Parse(python.Version!))
            .ToDictionary(python => python.Version!, python => python.Path);
    }

    private static bool IsSupported(string version) => System.Version.Parse(version) is { Major: 2, Minor: 7 } or { Major: 3, Minor: >= 6 };

    private static async Task<string?> PyenvRootAsync(string[] folders) =>
        folders.Any(folder => File.Exists(Path.Join(folder, "pyenv"))) ? (await ChildProcess.RunAsync(Path.GetTempPath(), "pyenv", "root")).Trim() : null;

    private static async Task<string?> VersionAsync(string path)
    {
        var answer = await ChildProcess.TryAsync(Path.GetTempPath(), path, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])");

        return answer.ExitCode == 0 ? answer.Output.Trim() : null;
    }
}
