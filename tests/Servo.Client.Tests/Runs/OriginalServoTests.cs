using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>The client drives a servo of 2016, which answers in JSON at the end and knows only SHA-1.</summary>
public sealed class OriginalServoTests : IAsyncLifetime
{
    private const string Token = "s3cr3t";
    private static readonly ServoClientOptions _sha1 = new() { Algorithm = SignatureAlgorithm.Sha1, MaxRetries = 0 };

    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();
    private ChildProcess _servo = null!;
    private Uri _address = null!;

    public async ValueTask InitializeAsync()
    {
        var script = Path.Join(Repository.Root, "tests/Servo.Client.Tests/Runs/original_servo.py");
        var settings = new ProcessSettings { Environment = [("token", Token)], KeepsInputOpen = true };
        _servo = ChildProcess.Start(await Python.ExecutableAsync(), [script], settings);
        _address = new Uri($"http://127.0.0.1:{await _servo.ReadLineAsync()}");
    }

    public async ValueTask DisposeAsync()
    {
        _servo.CloseInput();
        await _servo.EndAsync();
        await _servo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Scripts_run_in_order_and_their_lines_are_the_log()
    {
        _folder.Write("a.py", "import os\nprint('one ' + os.environ['WHO'])");
        _folder.Write("b.py", "print('two')");

        var outcome = await RunAsync(_sha1, "a.py", "b.py");

        outcome.Succeeded.ShouldBeTrue();
        outcome.RunId.ShouldBeNull();
        outcome.Scripts.ShouldBeEmpty();
        outcome.Lines.Select(line => line.Text).WithoutSeconds().ShouldBe(["$WHO = me", "$CALLBACK = http://127.0.0.1:5000/callback/abcdefgh", "one me", "a.py ran in N seconds", "two", "b.py ran in N seconds"]);
        outcome.Lines.Select(line => line.Number).ShouldBe(Enumerable.Range(1, 6).Select(number => (long)number));
        _progress.Lines.ShouldBe(outcome.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task A_script_that_fails_is_an_outcome_with_the_last_lines_reason()
    {
        _folder.Write("bad.py", "import sys; sys.exit(3)");

        var outcome = await RunAsync(_sha1, "bad.py");

        outcome.Succeeded.ShouldBeFalse();
        outcome.Failure!.Kind.ShouldBe(FailureKinds.Unknown);
        outcome.Failure.Detail.ShouldBe("bad.py failed on exit code 3");
    }

    [Fact]
    public async Task A_signature_of_another_algorithm_is_refused_with_a_hint()
    {
        _folder.Write("a.py", "");

        var fault = await Should.ThrowAsync<ServoRequestException>(() => RunAsync(new ServoClientOptions(), "a.py"));

        fault.Error.ShouldBe(ServoRequestError.BadSignature);
        fault.Description.ShouldContain("SHA-1");
        fault.Hint!.ShouldContain("ServoClientOptions.Algorithm");
    }

    private Task<RunOutcome> RunAsync(ServoClientOptions options, params string[] scripts) =>
        new ServoClient(_address, new ServoCredential(Token), options).RunAsync(Bundle.FromDirectory(_folder.Path), scripts,
            new RunOptions { Variables = new Dictionary<string, string> { ["who"] = "me" } }, _progress);
}
