using Microsoft.Extensions.Options;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Workspaces;

public sealed class AbandonedDirectoriesTests : IDisposable
{
    private const string Name = "servo-0123456789abcdef";

    private readonly TempDirectory _root = new();
    private readonly RecordingLogger<RuntimeDirectory> _log = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task What_a_killed_host_left_is_gone_after_the_next_start()
    {
        var path = Abandon(Name);
        await ChildProcess.RunAsync(path, "python3", "-c", "import os; os.makedirs(b'runs/x/\\xff'); open(b'runs/x/\\xff/secret', 'w')");

        Start();

        Directory.Exists(path).ShouldBeFalse();
        _log.Lines.ShouldHaveSingleItem().ShouldContain(path);
    }

    [Theory]
    [InlineData("servo-0123456789ABCDEF")]
    [InlineData("servo-0123456789abcdef0")]
    [InlineData("servo-0123456789abcde")]
    [InlineData("servo-data")]
    [InlineData("my-servo-0123456789abcdef")]
    public void A_directory_of_another_name_is_left(string name) => ShouldBeLeft(Abandon(name));

    [Theory]
    [InlineData("", "the mark of version 0.1")]
    [InlineData("something else\n", "another program's")]
    public void A_directory_without_the_mark_is_left_and_named(string text, string what)
    {
        var path = Abandon(Name);
        File.WriteAllText(Path.Join(path, "lock"), text);

        ShouldBeLeft(path);
        _log.Lines.ShouldHaveSingleItem(what).ShouldContain(path);
    }

    [Fact]
    public void A_copy_under_another_name_is_left()
    {
        var path = Abandon(Name);
        var copy = path.Replace("0123", "3210", StringComparison.Ordinal);
        Directory.Move(path, copy);

        ShouldBeLeft(copy);
    }

    [Fact]
    public void A_living_hosts_directory_is_left_and_not_worth_a_word()
    {
        var path = Directory.CreateDirectory(Path.Join(_root.Path, Name)).FullName;
        using var folder = OpenFolder.AtPath(path);
        using var living = RuntimeLock.Make(folder, path);

        ShouldBeLeft(path);
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ln -s ../elsewhere/lock lock", "its lock is a link")]
    [InlineData("mkfifo lock", "its lock is a FIFO")]
    [InlineData("mkdir lock", "its lock is a folder")]
    [InlineData("true", "it has no lock")]
    public async Task A_directory_whose_lock_is_no_file_is_left(string makes, string what)
    {
        Directory.Move(Abandon(Name), Path.Join(_root.Path, "elsewhere"));
        var path = Directory.CreateDirectory(Path.Join(_root.Path, Name)).FullName;
        await ChildProcess.RunAsync(path, "sh", "-c", makes);

        ShouldBeLeft(path);
        _log.Lines.ShouldHaveSingleItem(what);
    }

    [Fact]
    public void A_link_is_left_and_what_it_leads_to()
    {
        using var elsewhere = new TempDirectory();
        var path = Path.Join(elsewhere.Path, Name);
        Directory.Move(Abandon(Name), path);
        Directory.CreateSymbolicLink(Path.Join(_root.Path, Name), path);

        ShouldBeLeft(path);
        File.Exists(Path.Join(_root.Path, Name, "lock")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("chown {0} . lock", "directory and lock")]
    [InlineData("chown {0} .", "the directory")]
    [InlineData("chown {0} lock", "the lock")]
    public async Task What_belongs_to_another_user_is_left(string gives, string what)
    {
        Superuser.Require();
        var path = Abandon(Name);
        await ChildProcess.RunAsync(path, "sh", "-c", string.Format(System.Globalization.CultureInfo.InvariantCulture, gives, Superuser.OtherUser));

        ShouldBeLeft(path, what);
    }

    [Fact]
    public async Task What_cannot_be_deleted_is_logged_and_keeps_its_mark_for_the_next_start()
    {
        Superuser.Require();
        var path = Abandon(Name);
        var file = Path.Join(path, "runs");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await ChildProcess.RunAsync("/", "chattr", "+i", file);

        try
        {
            Start();
            _log.Lines.ShouldHaveSingleItem().ShouldContain(file);
            File.Exists(file).ShouldBeTrue();
        }
        finally
        {
            await ChildProcess.RunAsync("/", "chattr", "-i", file);
        }

        Start();
        Directory.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_start_passes_by_names_that_are_not_UTF_8_and_folders_that_cannot_be_opened()
    {
        await ChildProcess.RunAsync(
            _root.Path, "python3", "-c",
            "import os; os.mkdir(b'servo-\\xff'); open('servo-aaaaaaaaaaaaaaaa', 'w'); os.mkdir('servo-bbbbbbbbbbbbbbbb', 0)");

        Start();

        var left = await ChildProcess.RunAsync(_root.Path, "sh", "-c", "ls -b | LC_ALL=C sort; rm -r servo-*");
        left.ShouldBe("servo-\\377\nservo-aaaaaaaaaaaaaaaa\nservo-bbbbbbbbbbbbbbbb\n");
    }

    private string Abandon(string name)
    {
        var path = Directory.CreateDirectory(Path.Join(_root.Path, name)).FullName;

        using (var folder = OpenFolder.AtPath(path))
            RuntimeLock.Make(folder, path).Dispose();

        return path;
    }

    private void Start() => new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }), _log).Dispose();

    private void ShouldBeLeft(string path, string? what = null)
    {
        File.WriteAllText(Path.Join(path, "kept"), "kept");

        Start();

        File.Exists(Path.Join(path, "kept")).ShouldBeTrue(what);
    }
}
