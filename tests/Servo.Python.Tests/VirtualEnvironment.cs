using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>A virtual environment of its own, made of the few files that make one.</summary>
internal sealed class VirtualEnvironment : IDisposable
{
    private readonly TempDirectory _root = new();
    private readonly string _packages;

    private VirtualEnvironment(string version) => _packages = $"lib/python{version}/site-packages";

    public string Python => _root.File("bin/python");

    public static async Task<VirtualEnvironment> CreateAsync(string python)
    {
        var version = await ChildProcess.RunAsync("/", python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])");
        var environment = new VirtualEnvironment(version.Trim());
        File.CreateSymbolicLink(environment.Python, python);
        environment._root.Write("pyvenv.cfg", $"home = {Path.GetDirectoryName(python)}\n");
        return environment;
    }

    /// <summary>Writes a file into site-packages.</summary>
    public void Write(string name, string content) => _root.Write($"{_packages}/{name}", content);

    public void Dispose() => _root.Dispose();
}
