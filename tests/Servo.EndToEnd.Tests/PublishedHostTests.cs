using System.Reflection.PortableExecutable;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>The host as it is published.</summary>
public sealed class PublishedHostTests
{
    [Fact]
    public void Every_assembly_is_machine_code_already()
    {
        var assemblies = Directory.GetFiles(Path.Join(Repository.Root, "artifacts/host"), "*.dll");

        assemblies.Length.ShouldBeGreaterThan(10);
        assemblies.Where(path => !IsCompiled(path)).Select(Path.GetFileName).ShouldBeEmpty();
    }

    private static bool IsCompiled(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
