using Microsoft.Extensions.Options;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Workspaces;

public sealed class WorkspaceFactoryTests : IDisposable
{
    private readonly TempDirectory _root = new();
    private readonly RecordingLogger<WorkspaceFactory> _log = new();
    private readonly RuntimeDirectory _runtime;
    private readonly WorkspaceFactory _workspaces;

    public WorkspaceFactoryTests()
    {
        _runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));
        _workspaces = new WorkspaceFactory(_runtime, _log);
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
        foreach (var path in new[] { _runtime.Path, Path.GetDirectoryName(one.BundleDirectory)!, one.BundleDirectory, one.HomeDirectory, one.TemporaryDirectory })
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Hold_a_descriptor_only_from_when_they_are_opened()
    {
        await using var workspace = _workspaces.Create();
        var root = Path.GetDirectoryName(workspace.BundleDirectory)!;
        OpenFilesBelow(root).ShouldBe(0);

        workspace.Open();

        OpenFilesBelow(root).ShouldBe(1);
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
    public async Task Are_deleted_beside_other_work_where_that_takes_long()
    {
        var workspaces = new WorkspaceFactory(_runtime, _log) { LongestWait = TimeSpan.Zero };
        var paths = new List<string>();

        for (var i = 0; i < 3; i++)
        {
            var workspace = workspaces.Create();
            workspace.Open();
            paths.Add(workspace.BundleDirectory);

            for (var file = 0; file < 2000; file++)
                await File.WriteAllTextAsync(Path.Join(workspace.BundleDirectory, $"{file}"), "x", TestContext.Current.CancellationToken);

            await workspace.DisposeAsync();
        }

        await Eventually.HoldsAsync(() => Directory.GetFileSystemEntries(_runtime.Runs).Length == 0, _runtime.Runs);
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Are_gone_also_where_a_script_moved_them_or_put_something_in_their_place()
    {
        using var elsewhere = new TempDirectory();
        var workspace = _workspaces.Create();
        workspace.Open();
        await File.WriteAllTextAsync(Path.Join(workspace.BundleDirectory, "secret"), "clear", TestContext.Current.CancellationToken);
        var root = Path.GetDirectoryName(workspace.BundleDirectory)!;
        var moved = Path.Join(elsewhere.Path, "moved");
        Directory.Move(root, moved);
        Directory.CreateSymbolicLink(root, elsewhere.Path);

        await workspace.DisposeAsync();

        Directory.GetFileSystemEntries(_runtime.Runs).ShouldBeEmpty();
        Directory.GetFileSystemEntries(moved).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_deleted_is_logged_once_and_tried_again_at_the_end_of_later_runs()
    {
        Superuser.Require();
        var workspace = _workspaces.Create();
        var file = Path.Join(workspace.HomeDirectory, "fixed");
        await File.WriteAllTextAsync(file, "x", TestContext.Current.CancellationToken);
        await ChildProcess.RunAsync("/", "chattr", "+i", file);

        try
        {
            await workspace.DisposeAsync();
            await _workspaces.Create().DisposeAsync();
            _log.Lines.ShouldHaveSingleItem().ShouldContain(file);
        }
        finally
        {
            await ChildProcess.RunAsync("/", "chattr", "-i", file);
        }

        await _workspaces.Create().DisposeAsync();

        _log.Lines.Count.ShouldBe(2);
        Directory.GetFileSystemEntries(_runtime.Runs).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_whose_host_has_stopped_meanwhile_is_disposed_of_all_the_same()
    {
        var workspace = _workspaces.Create();
        _runtime.Dispose();

        await workspace.DisposeAsync();

        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public void The_runtime_directory_is_gone_after_disposal()
    {
        _runtime.Dispose();

        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty();
    }

    private static int OpenFilesBelow(string path) =>
        Directory.GetFileSystemEntries("/proc/self/fd").Count(file => TargetOf(file).StartsWith(path, StringComparison.Ordinal));

    private static string TargetOf(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }
}
