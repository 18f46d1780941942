using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

public sealed class FileListTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _file;

    public FileListTests() => _file = _directory.Write("files/a.py", "print()\n");

    [Fact]
    public async Task Files_are_packed_under_their_names()
    {
        File.CreateSymbolicLink(_directory.File("files/link.py"), "a.py");

        var bundle = Bundle.FromFiles([new BundleFile(_file, "./z/y.py"), new BundleFile(_file), new BundleFile(_directory.File("files/link.py"))]);

        (await bundle.TarListAsync(_directory)).ShouldBe(["a.py", "link.py", "z/y.py"]);
        (await ChildProcess.RunAsync(_directory.Path, "tar", "xzOf", "listed.tgz", "link.py")).ShouldBe("print()\n");
    }

    [Fact]
    public async Task Patterns_leave_files_out() =>
        (await Bundle.FromFiles([new BundleFile(_file), new BundleFile(_file, "x/b.py"), new BundleFile(_file, ".git/c"), new BundleFile(_file, "x/.servoignore")])
            .Without("x/", "!b.py").ListAsync(TestContext.Current.CancellationToken)).ShouldBe(["a.py"]);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("/etc/passwd", "is absolute")]
    [InlineData("a/../b", "leads outside")]
    [InlineData("..", "leads outside")]
    [InlineData("a//b", "empty part")]
    [InlineData("a/", "empty part")]
    [InlineData(".", "empty part")]
    [InlineData("a\0b", "NUL")]
    public async Task A_name_that_no_file_may_have_is_refused(string name, string why) => (await FailureAsync(new BundleFile(_file, name))).ShouldContain(why);

    [Fact]
    public async Task A_name_that_is_no_text_is_refused() => (await FailureAsync(new BundleFile(_file, "a\ud800"))).ShouldContain("UTF-8");

    [Fact]
    public async Task Two_files_of_one_name_are_refused()
    {
        (await FailureAsync(new BundleFile(_file, "x"), new BundleFile(_file, "./x"))).ShouldContain("Two files are called 'x'");
        (await FailureAsync(new BundleFile(_file, "x"), new BundleFile(_file, "x/y/z"))).ShouldContain("also the folder of 'x/y/z'");
    }

    [Fact]
    public async Task What_is_no_file_is_refused()
    {
        (await FailureAsync(new BundleFile(_directory.Path, "x"))).ShouldContain("is a folder");
        (await FailureAsync(new BundleFile(_file + "x"))).ShouldContain($"The file '{_file}x' does not exist");
        (await FailureAsync()).ShouldContain("nothing to pack");
    }

    [Fact]
    public async Task A_link_to_a_pipe_is_refused_and_does_not_hang()
    {
        await ChildProcess.RunAsync(_directory.Path, "bash", "-c", "mkfifo pipe; ln -s pipe a-link-that-has-a-length");

        (await FailureAsync(new BundleFile(_directory.File("a-link-that-has-a-length")))).ShouldContain("not a regular file");
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<string> FailureAsync(params BundleFile[] files) =>
        (await Should.ThrowAsync<BundleException>(() => Bundle.FromFiles(files).PackAsync())).Message;
}
