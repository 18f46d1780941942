using Servo.Client.Bundles;
using Servo.Client.Tests.Runs;
using Servo.Testing;

namespace Servo.Client.Tests.Bundles;

public sealed class ScriptCheckTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public ScriptCheckTests()
    {
        foreach (var name in new[]
        {
            "deploy.py", "steps/check.py", "secret.py.aes", "data.yml", "app/__main__.py", "hidden/__main__.py.aes", "releases/5/run.py",
            "shell/__main__.sh",
        })
        {
            _directory.Write(name, "");
        }

        File.CreateSymbolicLink(Path.Join(_directory.Path, "current"), "releases/5");
    }

    private Bundle Folder => Bundle.FromDirectory(_directory.Path);

    [Theory]
    [InlineData("deploy.py")]
    [InlineData("./steps/check.py")]
    [InlineData("steps//./check.py")]
    [InlineData("secret.py")]
    [InlineData("app")]
    [InlineData("app/")]
    [InlineData("./app")]
    [InlineData("app/__main__.py")]
    [InlineData("hidden")]
    [InlineData("current/run.py")]
    [InlineData("shell")]
    [InlineData("shell/__main__.sh")]
    [InlineData("data.yml")]
    public async Task A_script_that_is_there_passes(string script)
    {
        await Folder.CheckScriptsAsync("deploy.py", script);

        var archive = await ArchiveAsync();
        await archive.CheckScriptsAsync("deploy.py", script);
    }

    [Theory]
    [InlineData("depoly.py", "The script 'depoly.py' is not in the bundle. Did you mean 'deploy.py'?")]
    [InlineData("check.py", "The script 'check.py' is not in the bundle. Did you mean 'steps/check.py'?")]
    [InlineData("Deploy.py", "The script 'Deploy.py' is not in the bundle. Did you mean 'deploy.py'?")]
    [InlineData("something-else.py",
        "The script 'something-else.py' is not in the bundle. Scripts in it: app, deploy.py, hidden, releases/5/run.py, secret.py and 2 more.")]
    [InlineData("steps",
        "The script 'steps' is not in the bundle. Scripts in it: app, deploy.py, hidden, releases/5/run.py, secret.py and 2 more.")]
    [InlineData("ap", "The script 'ap' is not in the bundle. Did you mean 'app'?")]
    [InlineData("shel", "The script 'shel' is not in the bundle. Did you mean 'shell'?")]
    [InlineData("date.yml", "The script 'date.yml' is not in the bundle. Did you mean 'data.yml'?")]
    [InlineData("deploy.py/", "The script 'deploy.py/' is not in the bundle. Did you mean 'deploy.py'?")]
    [InlineData("/deploy.py", "The script '/deploy.py' is not in the bundle. Did you mean 'deploy.py'?")]
    public async Task A_script_that_is_missing_is_named_with_what_is_there(string script, string message)
    {
        (await Should.ThrowAsync<BundleException>(() => Folder.CheckScriptsAsync("deploy.py", script))).Message.ShouldBe(message);

        var archive = await ArchiveAsync();
        (await Should.ThrowAsync<BundleException>(() => archive.CheckScriptsAsync("deploy.py", script))).Message.ShouldBe(message);
    }

    [Fact]
    public async Task A_bundle_without_a_script_of_such_an_ending_is_said_to_have_none()
    {
        using var folder = new TempDirectory();
        folder.Write("notes.txt", "");

        (await Should.ThrowAsync<BundleException>(() => Bundle.FromDirectory(folder.Path).CheckScriptsAsync("deploy.sh"))).Message
            .ShouldBe("The script 'deploy.sh' is not in the bundle. There is no .py or .sh file in it.");
    }

    [Fact]
    public async Task An_archive_is_read_until_all_are_found()
    {
        var archive = await ArchiveAsync();
        var path = _directory.File("made.tar");
        await ChildProcess.RunAsync(
            _directory.Path, "bash", "-c",
            "tar cf made.tar deploy.py data.yml && echo garbage > bad && dd if=bad of=made.tar bs=1 seek=512 conv=notrunc status=none");

        await Bundle.FromArchive(path).CheckScriptsAsync("deploy.py");
        await archive.CheckScriptsAsync();
    }

    [Fact]
    public async Task A_folder_is_looked_through_once_for_the_check_and_the_archive()
    {
        var files = new CountedFiles(new FilesOfDirectory(_directory.Path));

        using var opened = await new LooseFiles(files).OpenAsync(
            Sources.Credential, SignatureAlgorithm.Sha256, ["deploy.py"], new RecordedProgress(), TestContext.Current.CancellationToken);

        files.Looks.ShouldBe(1);
        opened.Length.ShouldBeGreaterThan(0);
    }

    public void Dispose() => _directory.Dispose();

    private async Task<Bundle> ArchiveAsync()
    {
        var path = Path.Join(Path.GetTempPath(), $"servo-test-{Guid.NewGuid():N}.tgz");
        await File.WriteAllBytesAsync(path, await Folder.PackAsync());
        File.Move(path, _directory.File("made.tgz"), overwrite: true);
        return Bundle.FromArchive(_directory.File("made.tgz"));
    }

    private sealed class CountedFiles(IFileSet files) : IFileSet
    {
        public int Looks { get; private set; }

        public string Nothing => files.Nothing;

        public IReadOnlyList<Entry> Find(IReadOnlyList<string> without, CancellationToken cancellationToken)
        {
            Looks++;
            return files.Find(without, cancellationToken);
        }
    }
}
