using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Archives that the tool makes and signs.</summary>
public sealed class PackTests : IDisposable
{
    private static readonly (string Name, string? Value)[] _token = [("SERVO_TOKEN", Gateway.Token)];

    private readonly TempDirectory _folder = new();

    public PackTests()
    {
        _folder.Write("deploy/a.py", "print('a')");
        _folder.Write("deploy/sub/x.log", "log");
        _folder.Write("deploy/key.pem", "clear");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_archive_holds_the_folder_and_its_bytes_are_the_same_each_time()
    {
        var result = await RunAsync("pack", "deploy", "-o", "x.tgz");
        await RunAsync("pack", "deploy", "-o", "y.tgz");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldBe($"packed 3 files, {new FileInfo(_folder.File("x.tgz")).Length} bytes\n");
        (await FilesAsync("x.tgz")).ShouldBe(["a.py", "key.pem", "sub/x.log"], ignoreOrder: true);
        File.ReadAllBytes(_folder.File("y.tgz")).ShouldBe(File.ReadAllBytes(_folder.File("x.tgz")));
        File.GetUnixFileMode(_folder.File("x.tgz")).ShouldBe(File.GetUnixFileMode(_folder.Write("usual", "")));
        Directory.GetFiles(_folder.Path, ".*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Standard_output_may_take_it()
    {
        var result = await ServoTool.InShellAsync(_folder.Path, [], "servo pack deploy -o - --exclude '*.log' | tar tzf - | grep -v '/$'");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["a.py", "key.pem"], ignoreOrder: true);
        result.Error.ShouldStartWith("packed 2 files");
    }

    [Fact]
    public async Task Names_alone_may_be_listed()
    {
        var result = await RunAsync("pack", "deploy", "--list", "--exclude", "*.log", "--encrypt", "*.pem");

        result.ExitCode.ShouldBe(0, result.Error);
        result.Output.ShouldBe("a.py\nkey.pem\n");
    }

    [Fact]
    public async Task What_is_encrypted_on_the_way_needs_the_token_and_opens_with_openssl()
    {
        (await ServoTool.RunAsync(_folder.Path, [], "pack", "deploy", "-o", "x.tgz", "--encrypt", "*.pem")).ExitCode.ShouldBe(2);
        File.Exists(_folder.File("x.tgz")).ShouldBeFalse();

        (await RunAsync("pack", "deploy", "-o", "x.tgz", "--encrypt", "*.pem")).ExitCode.ShouldBe(0);

        (await FilesAsync("x.tgz")).ShouldContain("key.pem.aes");
        var clear = await ServoTool.InShellAsync(
            _folder.Path, _token, "tar xzOf x.tgz key.pem.aes | openssl enc -d -aes-256-cbc -pbkdf2 -base64 -pass env:SERVO_TOKEN");
        clear.Output.ShouldBe("clear", clear.Error);
    }

    [Fact]
    public async Task A_clear_file_beside_its_encrypted_form_is_warned_about()
    {
        _folder.Write("deploy/sub/Key.PEM.aes", "");
        _folder.Write("deploy/key.pem.aes", "");
        const string warning = "servo: warning: 'key.pem' is packed in the clear beside 'key.pem.aes', its encrypted form. Leave it out with --exclude or a .servoignore file, or remove it.\n";

        var result = await RunAsync("pack", "deploy", "-o", "x.tgz");
        result.ExitCode.ShouldBe(0);
        result.Error.ShouldStartWith($"{warning}packed 5 files");

        (await RunAsync("pack", "deploy", "-o", "x.tgz", "--exclude", "key.*")).Error.ShouldStartWith("packed 3 files");
        (await ServoTool.RunAsync(_folder.Path, [("GITHUB_ACTIONS", "true")], "pack", "deploy", "-o", "x.tgz")).Error.ShouldStartWith(
            "::warning title=servo::'key.pem' is packed in the clear");
    }

    [Fact]
    public async Task An_archive_inside_the_folder_is_no_part_of_itself()
    {
        (await RunAsync("pack", "deploy", "-o", "deploy/a[1] b.tgz")).ExitCode.ShouldBe(0);
        var first = File.ReadAllBytes(_folder.File("deploy/a[1] b.tgz"));
        (await RunAsync("pack", "deploy", "-o", "deploy/a[1] b.tgz")).ExitCode.ShouldBe(0);

        (await FilesAsync("deploy/a[1] b.tgz")).ShouldBe(["a.py", "key.pem", "sub/x.log"], ignoreOrder: true);
        File.ReadAllBytes(_folder.File("deploy/a[1] b.tgz")).ShouldBe(first);
    }

    [Fact]
    public async Task A_failure_leaves_what_was_there()
    {
        _folder.Write("x.tgz", "before");
        File.CreateSymbolicLink(_folder.File("deploy/out"), "/etc");

        var result = await RunAsync("pack", "deploy", "-o", "x.tgz");

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("out");
        File.ReadAllText(_folder.File("x.tgz")).ShouldBe("before");
        Directory.GetFiles(_folder.Path).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("The folder 'nowhere' does not exist.", "nowhere", "-o", "x.tgz")]
    [InlineData("Give either -o FILE (- for standard output) or --list.", "deploy")]
    [InlineData("Give either -o FILE (- for standard output) or --list.", "deploy", "-o", "x.tgz", "--list")]
    [InlineData("'deploy/sub' is a folder: name a file.", "deploy", "-o", "deploy/sub")]
    [InlineData("The folder of 'nowhere/x.tgz' does not exist: create it first, or name another file.", "deploy", "-o", "nowhere/x.tgz")]
    public async Task Wrong_words(string sentence, params string[] words)
    {
        var result = await RunAsync(["pack", .. words]);

        result.ExitCode.ShouldBe(2);
        result.Error.ShouldStartWith($"servo: {sentence}");
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    [InlineData("sha1")]
    public async Task A_signature_is_that_of_openssl(string algorithm)
    {
        _folder.Write("x.tgz", "any bytes");
        var digest = (await ChildProcess.RunAsync(_folder.Path, "openssl", "dgst", $"-{algorithm}", "-hmac", Gateway.Token, "x.tgz")).TrimEnd().Split(' ')[^1];

        (await RunAsync("sign", "x.tgz", "--algorithm", algorithm)).Output.ShouldBe($"{algorithm}={digest}\n");
        (await ServoTool.InShellAsync(_folder.Path, _token, $"servo sign - --algorithm {algorithm} < x.tgz")).Output.ShouldBe($"{algorithm}={digest}\n");
    }

    [Fact]
    public async Task A_file_that_is_missing_cannot_be_signed()
    {
        var result = await RunAsync("sign", "nowhere.tgz");

        result.ExitCode.ShouldBe(2);
        result.Output.ShouldBeEmpty();
        result.Error.ShouldContain("nowhere.tgz");
    }

    private Task<ProcessResult> RunAsync(params string[] words) => ServoTool.RunAsync(_folder.Path, _token, words);

    private async Task<string[]> FilesAsync(string archive) =>
        [.. (await ChildProcess.RunAsync(_folder.Path, "tar", "tzf", archive)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => !name.EndsWith('/'))];
}
