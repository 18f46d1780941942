using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The packages as test.sh makes them.</summary>
internal static partial class PackageFeed
{
    public static string Folder
    {
        get
        {
            var folder = Path.Join(Repository.Root, "artifacts/packages");

            return Directory.EnumerateFiles(folder, "*.nupkg").Any()
                ? folder
                : throw new InvalidOperationException("There are no packages: run 'dotnet pack Servo.sln -c Release' first (test.sh does).");
        }
    }

    /// <summary>The ids of what there is.</summary>
    public static IEnumerable<string> Ids =>
        Directory.EnumerateFiles(Folder, "*.nupkg").Select(file => Named().Match(Path.GetFileName(file)).Groups[1].Value).Order();

    public static Package Open(string id, string extension = ".nupkg") => OpenIn(Folder, id, extension);

    /// <summary>The one package of that id and of whichever version in a folder.</summary>
    public static Package OpenIn(string folder, string id, string extension = ".nupkg") =>
        new(Directory.EnumerateFiles(folder, $"*{extension}").Single(file => Named().Match(Path.GetFileName(file)).Groups[1].Value == id));

    [GeneratedRegex(@"^(.+?)\.([0-9]+\.[0-9]+\.[0-9]+.*)\.s?nupkg$")]
    private static partial Regex Named();
}

/// <summary>A package on disk.</summary>
internal sealed class Package(string path) : IDisposable
{
    private readonly ZipArchive _archive = ZipFile.OpenRead(path);

    public IEnumerable<string> Files => _archive.Entries.Select(entry => entry.FullName);

    /// <summary>The metadata of its nuspec.</summary>
    public XElement Metadata => XDocument.Load(new MemoryStream(Read(Files.Single(file => file.EndsWith(".nuspec", StringComparison.Ordinal))))).Root!.Elements().First();

    public string? Value(string name) => Metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    public byte[] Read(string file)
    {
        using var content = _archive.GetEntry(file)!.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    public void Dispose() => _archive.Dispose();
}
