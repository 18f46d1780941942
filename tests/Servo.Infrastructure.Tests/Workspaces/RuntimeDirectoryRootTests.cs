using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Workspaces;

/// <summary>Where workspaces lie if no root is set: in a folder of the gateway's own, as scripts can make nothing in those above it.</summary>
public sealed class RuntimeDirectoryRootTests : IDisposable
{
    private readonly TempDirectory _folder = TempDirectory.ForGateway();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cache:other", "xdg", "home", "cache")]
    [InlineData(null, "xdg", "home", "xdg/servo")]
    [InlineData(null, null, "home", "home/.cache/servo")]
    [InlineData("", "", "home", "home/.cache/servo")]
    public void Is_the_cache_folder(string? systemd, string? xdg, string? home, string expected)
    {
        var root = RuntimeDirectory.DefaultRoot(name => name switch
        {
            "CACHE_DIRECTORY" => In(systemd),
            "XDG_CACHE_HOME" => In(xdg),
            "HOME" => In(home),
            _ => null,
        });

        root.ShouldBe(Path.Join(_folder.Path, expected));
        Directory.Exists(root).ShouldBeTrue();
    }

    [Fact]
    public void Is_that_for_temporary_files_where_there_is_no_other()
    {
        RuntimeDirectory.DefaultRoot(_ => null).ShouldBe(Path.GetTempPath());
        RuntimeDirectory.DefaultRoot(_ => "/proc/none").ShouldBe(Path.GetTempPath());
        RuntimeDirectory.DefaultRoot(_ => "relative").ShouldBe(Path.GetTempPath());
    }

    private string? In(string? name) => string.IsNullOrEmpty(name) ? name : Path.Join(_folder.Path, name);
}
