using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>What a build tool does with a gateway: the published host, real bundles, real scripts.</summary>
public sealed class RunTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    private Bundle Bundle => Bundle.FromDirectory(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_outcome_of_a_run_has_its_lines_its_scripts_and_its_name()
    {
        _folder.Write("deploy.py", "print('deploying ' + open('settings/web.yml').read())");
        _folder.Write("sub/check me.py", "print('checking')");
        _folder.Write("settings/web.yml", "web");

        var outcome = await gateway.Client.RunAsync(Bundle, ["deploy.py", "sub/check me.py"], cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue();
        outcome.Failure.ShouldBeNull();
        outcome.RunId.ShouldNotBeNullOrEmpty();
        outcome.Scripts.Select(script => (script.Name, script.ExitCode)).ShouldBe([("deploy.py", 0), ("sub/check me.py", 0)]);
        outcome.Scripts.ShouldAllBe(script => script.Duration > TimeSpan.Zero && script.Duration < TimeSpan.FromSeconds(30));
        outcome.Lines.Skip(1).Select(line => (line.Number, line.Script, line.Stream, line.Text.WithoutSeconds())).ShouldBe(
        [
            (2, "deploy.py", "stdout", "deploying web"),
            (3, "deploy.py", "servo", "deploy.py ran in N seconds"),
            (4, "sub/check me.py", "stdout", "checking"),
            (5, "sub/check me.py", "servo", "sub/check me.py ran in N seconds"),
        ]);
    }

    [Fact]
    public async Task A_script_that_fails_is_an_outcome()
    {
        _folder.Write("bad.py", "raise ValueError('no such cluster')");
        _folder.Write("never.py", "print('never')");

        var outcome = await gateway.Client.RunAsync(Bundle, ["bad.py", "never.py"], cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeFalse();
        outcome.Failure!.Kind.ShouldBe("script-failed");
        outcome.Failure.Detail.ShouldBe("bad.py failed on exit code 1");
        outcome.Scripts.Single().ExitCode.ShouldBe(1);
        outcome.Lines.ShouldContain(line => line.Text == "ValueError: no such cluster");
    }

    [Fact]
    public async Task An_archive_that_is_none_is_an_outcome()
    {
        var archive = _folder.Write("x.tgz", "no archive");

        var outcome = await gateway.Client.RunAsync(Bundle.FromArchive(archive), ["a.py"], cancellationToken: TestContext.Current.CancellationToken);

        outcome.Failure!.Kind.ShouldBe("bad-archive");
        outcome.Scripts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Progress_tells_what_happens_while_it_happens()
    {
        _folder.Write("slow.py", "import os, time\nprint('first')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('second')\n");

        var run = gateway.Client.RunAsync(Bundle, ["slow.py"], progress: _progress, cancellationToken: TestContext.Current.CancellationToken);
        var callback = await _progress.SeeLineAsync("$CALLBACK = ");
        await _progress.SeeLineAsync("first");
        run.IsCompleted.ShouldBeFalse();
        using var http = new HttpClient();
        (await http.PostAsync(new Uri(callback["$CALLBACK = ".Length..] + "/go"), new StringContent(""), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        var outcome = await run;

        _progress.Reports.Where(report => report is not RunProgress.Queued).Select(report => report.GetType()).Distinct().ShouldBe(
            [typeof(RunProgress.Packed), typeof(RunProgress.Uploading), typeof(RunProgress.Accepted), typeof(RunProgress.Started), typeof(RunProgress.Output), typeof(RunProgress.ScriptEnded)]);
        var sent = _progress.Reports.OfType<RunProgress.Uploading>().Last();
        sent.SentBytes.ShouldBe(sent.TotalBytes);
        _progress.Reports.OfType<RunProgress.Started>().Single().RunId.ShouldBe(outcome.RunId);
        _progress.Lines.ShouldBe(outcome.Lines.Select(line => line.Text));
        _progress.Reports.OfType<RunProgress.ScriptEnded>().Single().Script.Name.ShouldBe("slow.py");
    }

    [Fact]
    public async Task Lines_that_are_not_kept_still_come_as_progress()
    {
        _folder.Write("a.py", "print('hello')");

        var outcome = await gateway.Client.RunAsync(Bundle, ["a.py"], new RunOptions { KeepLines = false }, _progress, TestContext.Current.CancellationToken);

        outcome.Lines.ShouldBeEmpty();
        _progress.Lines.ShouldContain("hello");
    }

    [Fact]
    public async Task Variables_reach_the_scripts()
    {
        _folder.Write("a.py", "import os\nprint(os.environ['TARGET'] + '|' + os.environ['RELEASE_NAME'])");
        var options = new RunOptions { Variables = new Dictionary<string, string> { ["target"] = "a b:c=d", ["release-name"] = "" } };

        var outcome = await gateway.Client.RunAsync(Bundle, ["a.py"], options, cancellationToken: TestContext.Current.CancellationToken);

        outcome.Lines.ShouldContain(line => line.Text == "a b:c=d|");
    }

    [Fact]
    public async Task Secrets_that_are_encrypted_on_the_way_reach_the_scripts_in_clear()
    {
        _folder.Write("a.py", "print(open('keys/api.txt').read())");
        _folder.Write("keys/api.txt", "the key");

        var outcome = await gateway.Client.RunAsync(Bundle.WithEncrypted("keys/*"), ["a.py"], cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue(outcome.Failure?.Detail);
        outcome.Lines.Select(line => line.Text).ShouldContain("decrypted keys/api.txt.aes");
        outcome.Lines.Select(line => line.Text).ShouldContain("the key");
    }

    [Theory]
    [InlineData(SignatureAlgorithm.Sha1)]
    [InlineData(SignatureAlgorithm.Sha256)]
    [InlineData(SignatureAlgorithm.Sha512)]
    public async Task Every_algorithm_is_accepted(SignatureAlgorithm algorithm)
    {
        _folder.Write("a.py", "");
        var client = new ServoClient(new Uri(gateway.Host.Url), gateway.Credential, new ServoClientOptions { Algorithm = algorithm });

        (await client.RunAsync(Bundle, ["a.py"], cancellationToken: TestContext.Current.CancellationToken)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task What_becomes_of_the_options_changes_no_client_and_no_run_in_progress()
    {
        _folder.Write("a.py", "import os\nprint('number ' + os.environ['N'])");
        var options = new ServoClientOptions();
        var client = new ServoClient(new Uri(gateway.Host.Url), gateway.Credential, options);
        options.Algorithm = (SignatureAlgorithm)99;
        var run = new RunOptions { Variables = new Dictionary<string, string> { ["N"] = "1" } };

        var progress = client.RunAsync(Bundle, ["a.py"], run, cancellationToken: TestContext.Current.CancellationToken);
        run.Variables = new Dictionary<string, string> { ["N"] = "2" };
        run.KeepLines = false;

        (await progress).Lines.ShouldContain(line => line.Text == "number 1");
    }

    [Fact]
    public async Task One_client_serves_many_runs_at_the_same_time()
    {
        _folder.Write("a.py", "import os\nprint('number ' + os.environ['N'])");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => gateway.Client.RunAsync(Bundle, ["a.py"],
            new RunOptions { Variables = new Dictionary<string, string> { ["N"] = $"{n}" } })));

        outcomes.Select((outcome, n) => outcome.Lines.Any(line => line.Text == $"number {n}")).ShouldAllBe(isThere => isThere);
    }

    [Fact]
    public async Task A_missing_script_is_said_before_anything_is_uploaded()
    {
        _folder.Write("deploy.py", "");

        var fault = await Should.ThrowAsync<BundleException>(() => gateway.Client.RunAsync(Bundle, ["deploy.py", "chek.py"], progress: _progress));

        fault.Message.ShouldContain("chek.py");
        _progress.Reports.OfType<RunProgress.Uploading>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_script_that_another_one_writes_runs_where_the_check_is_off()
    {
        _folder.Write("make.py", "open('made.py', 'w').write('print(\"made\")')");

        var outcome = await gateway.Client.RunAsync(
            Bundle, ["make.py", "made.py"], new RunOptions { CheckScripts = false },
            cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue();
        outcome.Lines.ShouldContain(line => line.Text == "made");
    }

    [Fact]
    public async Task Cancelling_ends_the_call_and_the_run_goes_on()
    {
        _folder.Write(
            "slow.py", $"import os, time\nprint('begun')\nwhile not os.path.exists('go'): time.sleep(0.01)\nopen('{_folder.File("done")}', 'w').close()\n");
        using var cancellation = new CancellationTokenSource();

        var run = gateway.Client.RunAsync(Bundle, ["slow.py"], progress: _progress, cancellationToken: cancellation.Token);
        var callback = await _progress.SeeLineAsync("$CALLBACK = ");
        await _progress.SeeLineAsync("begun");
        await cancellation.CancelAsync();

        // Not Shouldly, which makes an exception of its own of a task that was cancelled.
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(10)));
        cancelled.CancellationToken.ShouldBe(cancellation.Token);
        cancelled.ShouldBeOfType<ServoRunCanceledException>().RunId.ShouldBe(_progress.Reports.OfType<RunProgress.Started>().Single().RunId);
        run.IsCanceled.ShouldBeTrue();
        using var http = new HttpClient();
        (await http.PostAsync(new Uri(callback["$CALLBACK = ".Length..] + "/go"), new StringContent(""), TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await Eventually.HoldsAsync(() => File.Exists(Path.Join(_folder.Path, "done")), _folder.Path);
    }

    [Fact]
    public async Task A_time_limit_ends_the_call_and_names_the_run()
    {
        _folder.Write("slow.py", "import time\nprint('begun')\ntime.sleep(20)\n");

        var fault = await Should.ThrowAsync<ServoRequestException>(() =>
            gateway.Client.RunAsync(Bundle, ["slow.py"], new RunOptions { Timeout = TimeSpan.FromSeconds(2) }, _progress));

        fault.Error.ShouldBe(ServoRequestError.TimedOut);
        fault.RunId.ShouldBe(_progress.Reports.OfType<RunProgress.Started>().Single().RunId);
        fault.Message.ShouldContain("2 seconds");
        fault.Message.ShouldEndWith($"The run {fault.RunId} was accepted and is not stopped by this: search the gateway's log for {fault.RunId}.");
    }
}
