using Servo.Infrastructure.Files;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Files;

public sealed class TreeDeletionTests : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(10);

    private readonly TempDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("open(b'\\xff\\xfe', 'w'); os.mkdir(b'd\\xe9'); open(b'd\\xe9/\\x80', 'w')", "names that are not UTF-8")]
    [InlineData("nest('d' * 100, 60)", "a path that is longer than PATH_MAX")]
    [InlineData("nest('d', 1500)", "more folders in each other than a recursion could bear")]
    [InlineData("nest('x' * 255, 70); os.mkdir('y'); os.chdir('y'); nest('y', 40)", "two of them")]
    [InlineData("os.mkfifo('fifo'); os.symlink('/etc', 'link'); os.symlink('.', 'loop'); socket.socket(socket.AF_UNIX).bind('socket')", "neither file nor folder")]
    [InlineData("open('a', 'w'); os.link('a', 'b'); os.chmod('a', 0)", "hard links")]
    [InlineData("for i in range(500): open('%d' % i, 'w'); os.mkdir('d%d' % i); open('d%d/f' % i, 'w')", "many")]
    public async Task Deletes_whatever_the_names_and_the_depth_are(string makes, string what)
    {
        await MakeAsync(makes);

        Delete().ShouldBeNull(what);

        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty(what);
    }

    [Theory]
    [InlineData("os.mkdir('a'); os.mkdir('a/b'); open('a/b/c', 'w'); os.chmod('a/b', 0); os.chmod('a', 0)")]
    [InlineData("os.mkdir('a'); open('a/b', 'w'); os.chmod('a', 0o500)")]
    [InlineData("nest('d' * 100, 60, 0o500)")]
    [InlineData("os.mkdir('a'); open('a/b', 'w'); os.chmod('a', 0o100); os.chmod('.', 0)")]
    public async Task Deletes_also_where_the_owner_was_shut_out(string makes)
    {
        await MakeAsync(makes);
        await Unprivileged.OwnAsync(_root.Path);

        Unprivileged.Run(Delete).ShouldBeNull();

        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Follows_no_link_and_spares_what_links_lead_to()
    {
        using var outside = new TempDirectory();
        outside.Write("folder/kept.txt", "kept");
        await MakeAsync($"""
            os.symlink('{outside.Path}', 'link')
            os.mkdir('d')
            os.symlink('{outside.Path}/folder', 'd/link')
            os.link('{outside.Path}/folder/kept.txt', 'd/kept')
            """);

        Delete().ShouldBeNull();

        File.ReadAllText(outside.File("folder/kept.txt")).ShouldBe("kept");
    }

    [Fact]
    public async Task Spares_what_lies_outside_while_a_script_swaps_folders_for_links()
    {
        using var outside = new TempDirectory();
        outside.Write("kept.txt", "kept");
        await using var swapping = await StartAsync($"""
            import os, shutil
            os.chdir({PythonText(_root.Path)})
            print('ready', flush=True)
            while True:
                for act in (lambda: os.makedirs('tree/a/b'), lambda: os.rename('tree/a', 'moved'), lambda: os.symlink({PythonText(outside.Path)}, 'tree/a'),
                            lambda: os.unlink('tree/a'), lambda: shutil.rmtree('moved')):
                    try:
                        act()
                    except OSError:
                        pass
            """);

        for (var i = 0; i < 100; i++)
            Delete();

        await swapping.KillAsync();
        Delete().ShouldBeNull();
        Path.Exists(Path.Join(_root.Path, "tree")).ShouldBeFalse();
        File.ReadAllText(outside.File("kept.txt")).ShouldBe("kept");
    }

    [Fact]
    public async Task Gives_up_on_a_folder_that_grows_and_deletes_it_when_it_does_no_more()
    {
        await using var growing = await StartAsync($"""
            import os
            os.chdir({PythonText(_root.Path)})
            print('ready', flush=True)
            n = 0
            while True:
                n += 1
                try:
                    os.makedirs('tree/%d' % n)
                    open('tree/%d/f' % n, 'w').close()
                except OSError:
                    pass
            """);

        var returned = Task.Run(() => Delete(TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);
        await returned.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await growing.KillAsync();
        Delete().ShouldBeNull();
        Directory.GetFileSystemEntries(_root.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_what_it_could_not_delete_in_printable_words_and_deletes_all_else()
    {
        Superuser.Require();
        await MakeAsync("os.mkdir('a'); os.mkdir(b'a/\\x1b[2J'); open(b'a/\\x1b[2J/theirs', 'w'); open('a/mine', 'w'); open('b', 'w')");
        await Unprivileged.OwnAsync(_root.Path);
        await ChildProcess.RunAsync(_root.Path, "sh", "-c", "chown -R root tree/a/*[*; chmod 700 tree/a/*[*");

        var reason = Unprivileged.Run(Delete);

        reason.ShouldBe($@"{_root.Path}/tree/a/\x1b[2J: Permission denied");
        Directory.GetFileSystemEntries(Path.Join(_root.Path, "tree")).ShouldBe([Path.Join(_root.Path, "tree/a")]);
        Directory.GetFileSystemEntries(Path.Join(_root.Path, "tree/a")).Length.ShouldBe(1);
        Delete().ShouldBeNull();
    }

    private string? Delete() => Delete(_timeout);

    private string? Delete(TimeSpan timeout)
    {
        using var root = OpenFolder.AtPath(_root.Path);
        return TreeDeletion.Delete(root, OpenFolder.Name("tree"), Path.Join(_root.Path, "tree"), timeout);
    }

    private static async Task<ChildProcess> StartAsync(string lines)
    {
        var process = ChildProcess.Start(await Python.ExecutableAsync(), ["-c", lines], new ProcessSettings());
        (await process.ReadLineAsync()).ShouldBe("ready");
        return process;
    }

    private Task<string> MakeAsync(string lines) => ChildProcess.RunAsync(_root.Path, "python3", "-c", $"""
        import os, socket
        def nest(name, times, mode=0o700):
            here, made = os.open('.', os.O_RDONLY), []
            for _ in range(times):
                os.mkdir(name)
                made.append(os.open('.', os.O_PATH))
                os.chdir(name)
                if len(made) > 100: os.close(made.pop(0))
            open('file', 'w').close()
            while made:
                os.chmod('.', mode)
                os.fchdir(made[-1])
                os.close(made.pop())
            os.fchdir(here)
        os.mkdir('tree'); os.chdir('tree')
        {lines}
        """);

    private static string PythonText(string text) => $"'{text}'";
}
