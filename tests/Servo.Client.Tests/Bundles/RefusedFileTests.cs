using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

/// <summary>What cannot be packed, and how that is said.</summary>
public sealed class RefusedFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _source;

    public RefusedFileTests()
    {
        _directory.Write("source/a.py", "");
        _source = Path.Join(_directory.Path, "source");
    }

    [Theory]
    [InlineData("mkfifo pipe", "pipe.*regular file")]
    [InlineData("python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('socket')\"", "socket.*cannot be read")]
    [InlineData("ln -s /etc/passwd link", "link.*/etc/passwd.*absolute")]
    [InlineData("ln -s ../outside link", "link.*outside")]
    [InlineData("ln -s missing link", "link.*missing.*not in the bundle")]
    [InlineData("ln -s a.py/x link", "link.*leads through a file")]
    [InlineData("mkdir d && ln -s d e && ln -s e/x link", "link.*e/x.*not in the bundle")]
    [InlineData("mkdir -p d/e && ln -s d/e f && ln -s f/../../../x link", "link.*leads outside the bundle")]
    [InlineData("mkdir d && ln -s ../source/a.py link", "link.*leads outside the bundle")]
    [InlineData("ln -s again link && ln -s link again", "(link|again).*leads through more than 40 links")]
    [InlineData("for i in {1..40}; do ln -s $((i+1)) $i; done; ln -s a.py 41", "/1' .*leads through more than 40 links")]
    [InlineData("ln -s .git/config link && mkdir .git && touch .git/config", "link.*not in the bundle")]
    [InlineData("rm a.py", "nothing to pack")]
    [InlineData("rm a.py; mkdir -p b/c .git; touch .git/x .servoignore", "nothing to pack")]
    public async Task Is_named_with_the_next_step(string command, string message)
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        var failure = await Should.ThrowAsync<BundleException>(() => Bundle.FromDirectory(_source).PackAsync());

        failure.Message.ShouldMatch(message);
        failure.Message.ShouldMatch("[Ee]xclude|another folder");
    }

    [Theory]
    [InlineData("ln -s a.py link")]
    [InlineData("ln -s . link")]
    [InlineData("mkdir d && ln -s ../a.py d/link")]
    [InlineData("mkdir d && ln -s .././d/../a.py d/link")]
    [InlineData("ln -s a.py link && ln -s link again")]
    [InlineData("mkdir d && ln -s d link")]
    [InlineData("mkdir -p releases/5 && touch releases/5/tool && ln -s releases/5 current && ln -s current/tool tool")]
    [InlineData("mkdir -p d/e && ln -s d/e f && ln -s f/../../a.py link")]
    [InlineData("for i in {1..39}; do ln -s $((i+1)) $i; done; ln -s a.py 40")]
    public async Task A_link_to_something_inside_is_none_of_that(string command)
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", command);

        (await Bundle.FromDirectory(_source).ListAsync(TestContext.Current.CancellationToken)).ShouldContain("a.py");
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_one_too()
    {
        await ChildProcess.RunAsync(_source, "bash", "-c", "touch $'bad\\xff'");

        (await FailureAsync(Bundle.FromDirectory(_source))).ShouldContain("not valid UTF-8");

        // .NET cannot delete it either.
        await ChildProcess.RunAsync(_source, "bash", "-c", "rm bad*");
    }

    [Fact]
    public async Task A_folder_that_is_missing_or_a_file_is_named()
    {
        (await FailureAsync(Bundle.FromDirectory(_source + "/none"))).ShouldContain($"The folder '{_source}/none' does not exist");
        (await FailureAsync(Bundle.FromDirectory(_source + "/a.py"))).ShouldContain("is a file, not a folder");
    }

    [Fact]
    public async Task A_file_that_grows_or_shrinks_is_named()
    {
        foreach (var (lengthAtFirst, length) in new[] { (100_000_000, 100_000_001), (100_000_000, 50_000_000) })
        {
            var path = _directory.File("source/z.log");
            await using (var file = File.Create(path))
                file.SetLength(lengthAtFirst);

            var resize = new Once(() =>
            {
                using var file = File.OpenWrite(path);
                file.SetLength(length);
            });
            await File.WriteAllTextAsync(_directory.File("source/y"), "the last before it");

            // The change comes when the first block of the file is already on its way.
            var failure = await Should.ThrowAsync<BundleException>(() => Bundle.FromDirectory(_source).PackAsync(new OnWrite(resize), cancellationToken: TestContext.Current.CancellationToken));

            failure.Message.ShouldContain("changed its size");
            failure.Message.ShouldContain("z.log");
        }
    }

    [Fact]
    public async Task An_archive_in_the_folder_that_it_is_made_of_is_named()
    {
        await using var archive = File.Create(Path.Join(_source, "bundle.tgz"));

        (await Should.ThrowAsync<BundleException>(() => Bundle.FromDirectory(_source).PackAsync(archive))).Message.ShouldContain(
            "is the archive that is being written");
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<string> FailureAsync(Bundle bundle) => (await Should.ThrowAsync<BundleException>(() => bundle.PackAsync())).Message;

    private sealed class Once(Action act)
    {
        public void Run() => Interlocked.Exchange(ref act, () => { })();
    }

    private sealed class OnWrite(Once act) : MemoryStream
    {
        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            act.Run();
            return Task.CompletedTask;
        }
    }
}
