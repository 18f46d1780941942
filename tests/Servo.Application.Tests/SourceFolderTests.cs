using Servo.Testing;

namespace Servo.Application.Tests;

public sealed class SourceFolderTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("using House.Cellar;\nnamespace House.Roof;\nclass Tile(Wine wine);", true)]
    [InlineData("namespace House.Roof;\nclass Tile(Cellar.Wine wine);", true)]
    [InlineData("using static House.Cellar.Wine;\nnamespace House.Roof;\nclass Tile { Wine? _wine; }", true)]
    [InlineData("using House.Cellar;\nnamespace House.Roof;\nclass Tile { string _text = $\"a {Wine.Red} tile\"; }", true)]
    [InlineData("using House.Cellar;\nnamespace House.Roof;\n/// <summary>Not <see cref=\"Wine\"/>.</summary>\nclass Tile;", false)]
    [InlineData("using House.Cellar;\nnamespace House.Roof;\nclass Tile { string _text = $\"Wine and {1}\" + \"\\\"Wine\"; }", false)]
    [InlineData("namespace House.Roof;\nclass Tile { string? Wine; }", false)]
    [InlineData("namespace House.Roof;\nclass Tile(Owner owner);", false)]
    public void Needs_what_its_code_mentions(string roof, bool expected)
    {
        _folder.Write("House/Cellar/Wine.cs", "namespace House.Cellar;\ninternal sealed class Wine;");
        _folder.Write("House/Roof/Tile.cs", roof);
        _folder.Write("House/Owner.cs", "namespace House;\npublic sealed record Owner(string Name);");

        var folders = SourceFolder.ReadAll(_folder.File("House")).ToDictionary(folder => folder.Name);

        folders["Roof"].Needs(folders["Cellar"]).ShouldBe(expected);
        folders["Cellar"].Needs(folders["Roof"]).ShouldBeFalse();
        folders["Roof"].Needs(folders["Owner.cs"]).ShouldBe(roof.Contains("Owner", StringComparison.Ordinal));
    }
}
