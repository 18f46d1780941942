using Servo.Application.Archives;
using Servo.Application.Secrets;
using Servo.Application.Workspaces;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Secrets;

public sealed class DecryptSecretsTests : IDisposable
{
    private readonly TempDirectory _bundle = new();
    private readonly RecordingOutput _output = new();
    private readonly Decryptor _decryptor = new();
    private Decryptor _ofCertificates = new() { Extension = ".p7m" };

    [Fact]
    public async Task Every_folder_is_searched_hidden_ones_and_hidden_files_too()
    {
        Secrets("a.yml.aes", "sub/b.yml.aes", "sub/deep/er/c.aes", ".hidden/d.aes", ".hidden/.e.aes", ".f.aes", "sub.aes/g.aes");

        (await DecryptAsync()).Failure.ShouldBeNull();

        Files().ShouldBe([".f", ".hidden/.e", ".hidden/d", "a.yml", "sub.aes/g", "sub/b.yml", "sub/deep/er/c"]);
    }

    [Fact]
    public async Task Each_secret_is_said_in_the_order_of_the_names()
    {
        Secrets("b.aes", "a.aes", "sub/a.aes", "B.aes", ".z.aes", "a b.aes");

        await DecryptAsync();

        _output.Lines.ShouldBe(["decrypted .z.aes", "decrypted B.aes", "decrypted a b.aes", "decrypted a.aes", "decrypted b.aes", "decrypted sub/a.aes"]);
    }

    [Theory]
    [InlineData(".aes")]
    [InlineData("sub/.aes")]
    [InlineData("X.AES")]
    [InlineData("x.Aes")]
    [InlineData("x.aes.txt")]
    [InlineData("x.aesx")]
    [InlineData("aes")]
    [InlineData("x.aes~")]
    public async Task Other_names_are_left_alone(string name)
    {
        Secrets(name);

        (await DecryptAsync()).Failure.ShouldBeNull();

        Files().ShouldBe([name]);
        _output.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Secrets_of_all_kinds_are_opened_in_the_order_of_their_names()
    {
        Secrets("b.aes", "a.p7m", "sub/c.p7m");

        (await DecryptAsync()).Failure.ShouldBeNull();

        Files().ShouldBe(["a", "b", "sub/c"]);
        _output.Lines.ShouldBe(["decrypted a.p7m", "decrypted b.aes", "decrypted sub/c.p7m"]);
    }

    [Fact]
    public async Task What_nothing_opens_is_left_and_said()
    {
        Secrets("b.aes", "a.p7m");
        _ofCertificates = new Decryptor { Extension = ".p7m", WhyNone = "no certificate is set" };

        (await DecryptAsync()).Failure.ShouldBeNull();

        Files().ShouldBe(["a.p7m", "b"]);
        _output.Lines.ShouldBe(["left a.p7m encrypted: no certificate is set", "decrypted b.aes"]);
    }

    [Fact]
    public async Task Two_secrets_of_one_clear_file_are_refused()
    {
        Secrets("a.aes", "a.p7m");

        (await DecryptAsync()).Failure!.Detail.ShouldContain("another secret of the bundle has the same clear file");
    }

    [Fact]
    public async Task What_macOS_keeps_beside_a_secret_is_left_alone()
    {
        Secrets("settings.yml.aes", "sub/settings.yml.aes", "._own.aes");
        var appleDouble = "\0\u0005\u0016\u0007\0\u0002\0\0Mac OS X        ";
        _bundle.Write("._settings.yml.aes", appleDouble);
        _bundle.Write("sub/._settings.yml.aes", appleDouble);
        _bundle.Write("__MACOSX/._settings.yml.aes", appleDouble);

        (await DecryptAsync()).Failure.ShouldBeNull();

        // A secret of the user's own may be called so too.
        _output.Lines.ShouldBe(["decrypted ._own.aes", "decrypted settings.yml.aes", "decrypted sub/settings.yml.aes"]);
        Files().ShouldBe(["._own", "._settings.yml.aes", "__MACOSX/._settings.yml.aes", "settings.yml", "sub/._settings.yml.aes", "sub/settings.yml"]);
    }

    [Fact]
    public async Task A_bundle_without_secrets_goes_on_as_it_is()
    {
        _bundle.Write("a.py", "");

        var result = await DecryptAsync();

        result.Value!.Workspace.BundleDirectory.ShouldBe(_bundle.Path);
        Files().ShouldBe(["a.py"]);
    }

    [Fact]
    public async Task A_secret_may_replace_a_clear_file_of_the_bundle()
    {
        Secrets("a.yml.aes");
        _bundle.Write("a.yml", "old");

        (await DecryptAsync()).Failure.ShouldBeNull();

        (await File.ReadAllTextAsync(_bundle.File("a.yml"))).ShouldBe("clear");
    }

    [Fact]
    public async Task A_secret_within_a_secret_is_opened_once()
    {
        Secrets("a.aes", "a.aes.aes");

        (await DecryptAsync()).Failure.ShouldBeNull();

        Files().ShouldBe(["a", "a.aes"]);
        _output.Lines.ShouldBe(["decrypted a.aes", "decrypted a.aes.aes"]);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_clear_file_fails_the_run()
    {
        Secrets("sub/a.aes");
        _bundle.Write("sub/a/file", "");

        (await DecryptAsync()).Failure.ShouldBe(new RunFailure.UndecryptableSecret("sub/a.aes", "a folder of the bundle has the name of its clear file"));

        Files().ShouldBe(["sub/a.aes", "sub/a/file"]);
    }

    [Fact]
    public async Task The_first_secret_that_does_not_open_fails_the_run_by_its_name()
    {
        Secrets("a.aes", "sub/b.aes", "sub/c.aes");
        _decryptor.Refuses = "b.aes";

        var failure = (await DecryptAsync()).Failure;

        failure.ShouldBe(new RunFailure.UndecryptableSecret("sub/b.aes", "it is no good"));
        failure!.Detail.ShouldBe("unable to decrypt sub/b.aes (it is no good)");
        _output.Lines.ShouldBe(["decrypted a.aes"]);
        Files().ShouldBe(["a", "sub/b.aes", "sub/c.aes"]);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        using var elsewhere = new TempDirectory();
        elsewhere.Write("outside.aes", "secret");
        Secrets("real/a.aes");
        Directory.CreateSymbolicLink(_bundle.File("folder"), elsewhere.Path);
        Directory.CreateSymbolicLink(_bundle.File("again"), "real");
        Directory.CreateSymbolicLink(_bundle.File("real/loop"), "..");
        File.CreateSymbolicLink(_bundle.File("file.aes"), Path.Join(elsewhere.Path, "outside.aes"));
        File.CreateSymbolicLink(_bundle.File("dangling.aes"), "nowhere");

        (await DecryptAsync()).Failure.ShouldBeNull();

        _output.Lines.ShouldBe(["decrypted real/a.aes"]);
        File.Exists(Path.Join(elsewhere.Path, "outside.aes")).ShouldBeTrue();
        new FileInfo(_bundle.File("file.aes")).LinkTarget.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_searched_is_no_folder_without_secrets()
    {
        Secrets("closed/a.aes");
        File.SetUnixFileMode(_bundle.File("closed"), UnixFileMode.None);

        try
        {
            // The superuser may search it all the same.
            if (Environment.IsPrivilegedProcess)
                (await DecryptAsync()).Failure.ShouldBeNull();
            else
                await Should.ThrowAsync<UnauthorizedAccessException>(DecryptAsync);
        }
        finally
        {
            File.SetUnixFileMode(_bundle.File("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task The_cancellation_reaches_the_decryptor()
    {
        Secrets("a.aes");
        using var cancel = new CancellationTokenSource();

        await new DecryptSecretsHandler([_decryptor]).Handle(Command(), cancel.Token);

        _decryptor.Token.ShouldBe(cancel.Token);
    }

    public void Dispose() => _bundle.Dispose();

    private void Secrets(params string[] names)
    {
        foreach (var name in names)
            _bundle.Write(name, "secret");
    }

    private string[] Files() =>
        [.. Directory.GetFiles(_bundle.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_bundle.Path, path)).Order(StringComparer.Ordinal)];

    private DecryptSecrets Command() => new(new UnpackedArchive(new Workspace(_bundle.Path)), _output);

    private Task<StepResult<DecryptedSecrets>> DecryptAsync() => new DecryptSecretsHandler([_decryptor, _ofCertificates]).Handle(Command(), TestContext.Current.CancellationToken);

    private sealed class Decryptor : ISecretDecryptor
    {
        public string Extension { get; init; } = ".aes";

        public string? WhyNone { get; init; }

        public string? Refuses { get; set; }

        public CancellationToken Token { get; private set; }

        public Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
        {
            Token = cancellationToken;

            if (Path.GetFileName(path) == Refuses)
                return Task.FromResult<string?>("it is no good");

            File.WriteAllText(clearPath, "clear");
            File.Delete(path);
            return Task.FromResult<string?>(null);
        }
    }

    private sealed class Workspace(string bundle) : IWorkspace
    {
        public string ArchivePath => throw new NotSupportedException();

        public string BundleDirectory => bundle;

        public string HomeDirectory => throw new NotSupportedException();

        public string TemporaryDirectory => throw new NotSupportedException();

        public string ScratchDirectory => throw new NotSupportedException();

        public void Open() => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
