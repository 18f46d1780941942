using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

public sealed class WorkspacesTests : IDisposable
{
    private readonly TempDirectory _root = new();
    private readonly RuntimeDirectory _runtime;
    private readonly Workspaces _workspaces;

    public WorkspacesTests()
    {
        _runtime = new RuntimeDirectory(Options.Create(new ServoOptions { Workspace = { Root = _root.Path } }));
        _workspaces = new Workspaces(_runtime, NullLogger<Workspaces>.Instance);
    }

    public void Dispose()
    {
        _runtime.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task Are_private_and_have_no_name_in_common()
    {
        await using var one = _workspaces.Create();
        await using var other = _workspaces.Create();

        Path.GetDirectoryName(one.BundleDirectory).ShouldNotBe(Path.GetDirectoryName(other.BundleDirectory));
        foreach (var path in new[] { _runtime.Path, Path.GetDirectoryName(one.BundleDirectory)!, one.BundleDirectory, one.HomeDirectory })
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Are_gone_after_disposal_whatever_is_in_them()
    {
        var workspace = _workspaces.Create();
        var outside = _root.Write("outside/kept.txt", "kept");
        var locked = Directory.CreateDirectory(Path.Join(workspace.BundleDirectory, "a/b/c")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Join(locked, "c/file"), "x", TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(Path.Join(workspace.BundleDirectory, "link"), Path.GetDirectoryName(outside)!);
        File.SetUnixFileMode(locked, UnixFileMode.None);

        await workspace.DisposeAsync();

        Directory.GetFileSystemEntries(_runtime.Runs).ShouldBeEmpty();
        File.ReadAllText(outside).ShouldBe("kept");
    }

    [Fact]
    public void The_runtime_directory_is_gone_after_disposal()
    {
        _runtime.Dispose();

        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_directory_that_a_killed_host_left_is_gone_at_the_next_start_and_no_other()
    {
        var abandoned = Directory.CreateDirectory(Path.Join(_root.Path, "servo-0123456789abcdef/runs/x")).Parent!.Parent!.FullName;
        File.WriteAllText(Path.Join(abandoned, "lock"), "");
        var foreign = Directory.CreateDirectory(Path.Join(_root.Path, "servo-of-somebody")).FullName;

        using var next = new RuntimeDirectory(Options.Create(new ServoOptions { Workspace = { Root = _root.Path } }));

        Directory.GetDirectories(_root.Path).Order().ShouldBe(new[] { _runtime.Path, next.Path, foreign }.Order());
    }
}
