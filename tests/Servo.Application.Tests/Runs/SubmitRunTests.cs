using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Servo.Application.Callbacks;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

public sealed class SubmitRunTests : IDisposable
{
    private readonly Core _core = new();

    public void Dispose() => _core.Dispose();

    [Fact]
    public async Task Sends_the_four_steps_in_order_and_leaves_no_workspace()
    {
        _core.Files["secret.yml.aes"] = "x";

        var result = await _core.RunAsync("a.py+b.py");

        result.Value!.Failure.ShouldBeNull();
        _core.Output.RunId.ShouldBe(result.Value.Id);
        _core.Calls.ShouldBe(["spool", "unpack", "decrypt secret.yml.aes", "run a.py", "run b.py"]);
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Fact]
    public async Task An_archive_on_disk_that_its_host_vouches_for_is_moved_and_not_read()
    {
        using var folder = new TempDirectory();
        var request = new TrustedRunRequest(folder.Write("x.tgz", "archive"), ScriptList.Parse("a.py").Value!, RunVariables.From([new("zone", "eu")]).Value!);

        var result = await _core.RunAsync(request);

        result.Value!.State.ShouldBe(RunState.Succeeded);
        _core.Calls.ShouldBe(["unpack", "run a.py"]);
        _core.Output.Lines.ShouldContain("$ZONE = eu");
        File.Exists(request.ArchivePath).ShouldBeFalse();
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Fact]
    public async Task An_archive_on_disk_is_refused_as_an_upload_is()
    {
        using var folder = new TempDirectory();
        var request = new TrustedRunRequest(folder.Write("x.tgz", "archive"), ScriptList.Parse("a.py").Value!, RunVariables.None);
        _ = _core.Get<RunAdmission>().CloseAsync(new Refusal.ShuttingDown());

        var result = await _core.RunAsync(request);

        result.Refusal.ShouldBe(new Refusal.ShuttingDown());
        _core.Calls.ShouldBeEmpty();
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_of_a_run_is_shown_before_its_start_is_kept()
    {
        var (start, unpacked) = (new TaskCompletionSource(), new TaskCompletionSource());
        _core.Files["k.aes"] = "x";
        _core.Store.BeforeStart = start.Task;
        _core.OnDecrypt = unpacked.SetResult;

        var submitted = await _core.Get<SubmitRun>().ExecuteAsync(Core.Request("a.py") with { IsDetached = true }, CancellationToken.None);
        await unpacked.Task;
        var shownBefore = _core.Output.Lines.Count;
        var stateBefore = (await _core.Get<FollowRun>().FindAsync(submitted.Value!.Id, CancellationToken.None))!.Run.State;
        start.SetResult();
        var ended = await _core.Get<FollowRun>().EndAsync(submitted.Value.Id, CancellationToken.None);

        (stateBefore, shownBefore).ShouldBe((RunState.Queued, 0));
        ended!.Run.State.ShouldBe(RunState.Succeeded);
        _core.Output.Lines.Skip(1).ShouldBe(["decrypted k.aes", "a.py ran in 0 seconds"]);
    }

    [Fact]
    public async Task A_run_whose_start_is_not_kept_has_said_nothing_and_has_not_started()
    {
        _core.Store.OnChange = change =>
        {
            if (change == "start")
                throw new IOException("the disk is gone");
        };

        var result = await _core.RunAsync(Core.Request("a.py") with { IsDetached = true });

        result.Value!.Failure.ShouldBeOfType<RunFailure.GatewayFault>();
        result.Value.Started.ShouldBeNull();
        _core.Output.Lines.ShouldBeEmpty();
        _core.Calls.ShouldBe(["spool", "unpack"]);
    }

    [Fact]
    public async Task Says_variables_secrets_scripts_and_the_failure_in_the_originals_order()
    {
        _core.Files["k.aes"] = "x";
        _core.OnScript = async (script, output, _) =>
        {
            await output.WriteAsync(new RunEvent.Output(script.Name, OutputStream.Stdout, "out\n"u8.ToArray()));
            return new ScriptExit(script.Name == "b.py" ? 9 : 0, false);
        };

        var result = await _core.RunAsync("a.py+b.py+a.py", RunVariables.From([new("zone", "eu")]).Value);

        result.Value!.Failure.ShouldBe(new RunFailure.ScriptFailed("b.py", 9));
        _core.Output.Lines[0].ShouldStartWith("$CALLBACK = http://servo/callback/");
        _core.Output.Lines.Skip(1).ShouldBe(
            ["$ZONE = eu", "decrypted k.aes", "out", "a.py ran in 0 seconds", "out", "b.py ran in 0 seconds", "failure (b.py failed on exit code 9)"]);
        _core.Output.Scripts.Select(script => (script.Name, script.ExitCode)).ShouldBe([("a.py", 0), ("b.py", 9)]);
        result.Value.Results.Select(script => (script.Name, script.ExitCode)).ShouldBe([("a.py", 0), ("b.py", 9)]);
        result.Value.State.ShouldBe(RunState.Failed);
    }

    [Fact]
    public async Task An_upload_that_does_not_come_has_no_workspace()
    {
        var pipe = new System.IO.Pipelines.Pipe();
        var run = _core.RunAsync(pipe.Reader.AsStream());
        await pipe.Writer.WriteAsync(new byte[100], TestContext.Current.CancellationToken);
        _core.Calls.ShouldBe(["spool"]);

        _core.LiveWorkspaces.ShouldBe(0);

        await pipe.Writer.CompleteAsync();
        (await run).Value!.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_wrong_signature_is_a_refusal_before_anything_is_said()
    {
        _core.Digest = [.. Enumerable.Repeat((byte)1, 20)];

        var result = await _core.RunAsync();

        result.Refusal.ShouldBe(new Refusal.BadSignature());
        _core.Output.RunId.ShouldBeNull();
        _core.Calls.ShouldBe(["spool"]);
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Fact]
    public async Task A_rejected_upload_is_a_refusal_and_a_rejected_archive_a_failure()
    {
        _core.ReaderFails = new RunFailure.BadArchive("bogus");
        (await _core.RunAsync()).Value!.Failure.ShouldBe(new RunFailure.BadArchive("bogus"));

        _core.SpoolRefuses = new Refusal.UploadTooLarge(5, "Servo:Uploads:MaxBytes");
        (await _core.RunAsync()).Refusal.ShouldBe(new Refusal.UploadTooLarge(5, "Servo:Uploads:MaxBytes"));

        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    public async Task A_full_disk_is_a_failure_of_its_own_in_any_step(int error)
    {
        _core.OnScript = (_, _, _) => throw new InvalidOperationException("around", new IOException("No space left on device", error));
        (await _core.RunAsync()).Value!.Failure.ShouldBe(new RunFailure.NoSpace());

        using var secret = new Core(configure: services => services.Replace(ServiceDescriptor.Singleton<ISecretDecryptor>(new FullDisk(error))));
        secret.Files["k.aes"] = "x";
        (await secret.RunAsync()).Value!.Failure.ShouldBe(new RunFailure.NoSpace());
        secret.Output.Lines[^1].ShouldBe("failure (the gateway's disk is full; its operator must make room)");
    }

    [Fact]
    public async Task Gives_scripts_the_variables_their_home_and_the_way_to_the_portal()
    {
        IReadOnlyDictionary<string, string>? seen = null;
        _core.OnScript = (script, _, _) =>
        {
            seen = script.Environment;
            return Task.FromResult(new ScriptExit(0, false));
        };

        await _core.RunAsync("a.py", RunVariables.From([new("X", "1")]).Value);

        seen!.Keys.Order().ShouldBe(["CALLBACK", "HOME", "SERVO_PORTAL_SOCKET", "SERVO_RUN_TOKEN", "TMPDIR", "X"]);
        seen["SERVO_PORTAL_SOCKET"].ShouldBe("/run/portal.sock");
        seen["CALLBACK"].ShouldNotEndWith(seen["SERVO_RUN_TOKEN"]);
    }

    [Fact]
    public async Task Tokens_work_while_the_run_lasts_and_each_for_its_own_door()
    {
        var runs = _core.Get<RunsInProgress>();
        string callback = "", portal = "";
        _core.OnScript = (script, _, _) =>
        {
            (callback, portal) = (script.Environment["CALLBACK"].Split('/')[^1], script.Environment["SERVO_RUN_TOKEN"]);
            _core.Output.RunId.ShouldBe(runs.ByCallbackToken(callback).ShouldNotBeNull().Id);
            runs.ByPortalToken(portal).ShouldNotBeNull();
            runs.ByCallbackToken(portal).ShouldBeNull();
            runs.ByPortalToken(callback).ShouldBeNull();
            return Task.FromResult(new ScriptExit(0, false));
        };

        (await _core.RunAsync()).Value!.Failure.ShouldBeNull();

        runs.ByCallbackToken(callback).ShouldBeNull();
        runs.ByPortalToken(portal).ShouldBeNull();
    }

    [Fact]
    public async Task A_caller_that_is_gone_ends_the_upload_but_no_verified_run()
    {
        using var gone = new CancellationTokenSource();
        _core.OnScript = async (_, _, cancellationToken) =>
        {
            await gone.CancelAsync();
            return new ScriptExit(0, cancellationToken.IsCancellationRequested);
        };

        (await _core.RunAsync(uploadAborted: gone.Token)).Value!.Failure.ShouldBeNull();
        await Should.ThrowAsync<OperationCanceledException>(() => _core.RunAsync(uploadAborted: gone.Token));
        _core.LiveWorkspaces.ShouldBe(0);
    }

    [Theory]
    [InlineData(null, "the run was ended: the gateway is shutting down")]
    [InlineData("it was turned off", "the run was ended: it was turned off")]
    [InlineData("it was killed", "the run was ended: it was killed")]
    public async Task A_host_that_stops_ends_the_run_which_says_so(string? why, string expected)
    {
        var closed = why is null ? new Refusal.ShuttingDown() : new Refusal.Closed("closed", "Closed.", why, MayReopen: false);
        var drained = Task.CompletedTask;
        _core.OnScript = async (_, _, cancellationToken) =>
        {
            drained = _core.Get<RunDrain>().DrainAsync(closed, TimeSpan.Zero, CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(30), cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
            return new ScriptExit(143, cancellationToken.IsCancellationRequested);
        };

        var run = (await _core.RunAsync("a.py+b.py")).Value!;
        await drained;

        run.State.ShouldBe(RunState.Cancelled);
        run.Failure.ShouldBeOfType<RunFailure.Cancelled>().Detail.ShouldBe(expected);
        _core.Output.Lines[^2].ShouldBe("a.py ran in 0 seconds");
        _core.Calls.ShouldNotContain("run b.py");
    }

    [Fact]
    public async Task A_fault_fails_the_run_with_what_it_said_so_far_and_without_its_inside()
    {
        _core.OnScript = (_, _, _) => throw new IOException("disk 7 is on fire");

        var failure = (await _core.RunAsync()).Value!.Failure.ShouldBeOfType<RunFailure.GatewayFault>();

        failure.Detail.ShouldNotContain("disk 7");
        _core.Output.Lines[^1].ShouldBe($"failure ({failure.Detail})");

        _core.OnScript = (_, _, _) => throw new InterpreterException("The interpreter is gone.");
        (await _core.RunAsync()).Value!.Failure!.Detail.ShouldBe("The interpreter is gone.");
        _core.LiveWorkspaces.ShouldBe(0);
    }

    private sealed class FullDisk(int error) : ISecretDecryptor
    {
        public string Extension => ".aes";

        public string? WhyNone => null;

        public Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken) =>
            throw new IOException("No space left on device", error);
    }
}
