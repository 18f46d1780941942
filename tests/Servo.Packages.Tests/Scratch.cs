using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>A folder outside the checkout, whose projects find the packages first in the local feed and else where the machine's configuration says.</summary>
public sealed class Scratch : IDisposable
{
    private readonly TempDirectory _directory = new();

    public Scratch() => Write("nuget.config", $"""
        <configuration>
          <packageSources>
            <add key="servo-local" value="{PackageFeed.Folder}" />
          </packageSources>
        </configuration>
        """);

    public string Path => _directory.Path;

    public string Write(string name, string text) => _directory.Write(name, text);

    public string File(string name) => _directory.File(name);

    /// <summary>Copies a folder of the checkout into this one.</summary>
    public string Copy(string source)
    {
        var root = System.IO.Path.Join(Repository.Root, source);
        var target = System.IO.Path.Join(Path, System.IO.Path.GetFileName(source));

        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var name = System.IO.Path.GetRelativePath(root, file);

            // What a build inside the checkout left there.
            if (name.Split('/')[0] is not ("bin" or "obj"))
                System.IO.File.Copy(file, _directory.File($"{System.IO.Path.GetFileName(source)}/{name}"));
        }

        return target;
    }

    public void Dispose() => _directory.Dispose();
}
