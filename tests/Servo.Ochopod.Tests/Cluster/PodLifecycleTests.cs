using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Runs;
using Servo.Domain.Runs;
using Servo.Ochopod.Cluster;

namespace Servo.Ochopod.Tests.Cluster;

/// <summary>What control tasks do, with runs that are in progress.</summary>
public sealed class PodLifecycleTests : IDisposable
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();
    private readonly RunAdmission _admission;
    private readonly RunDrain _drain;
    private readonly PodLifecycle _pod;

    public PodLifecycleTests()
    {
        _admission = new RunAdmission(Options.Create(new AdmissionOptions()), _time);
        _drain = new RunDrain(_admission, _time, NullLogger<RunDrain>.Instance);
        _pod = new PodLifecycle(Identity(startsOn: true), _drain, _admission, _time);
    }

    public void Dispose()
    {
        _pod.Dispose();
        _drain.Dispose();
        _admission.Dispose();
    }

    [Fact]
    public async Task Off_waits_for_the_runs_in_progress_and_lets_no_other_in()
    {
        var run = _admission.Admit().Value!;

        var off = _pod.ControlAsync("off", null, _minute);

        _pod.Process.ShouldBe(PodProcess.Terminating);
        _admission.Refusal.ShouldBe(PodClosed.Off);
        off.IsCompleted.ShouldBeFalse();
        run.Dispose();
        (await off).ShouldBe(ControlResult.Done);
        _pod.Process.ShouldBe(PodProcess.Stopped);
    }

    [Fact]
    public async Task Runs_that_do_not_end_are_ended()
    {
        var run = _admission.Admit().Value!;
        var cancellation = new RunCancellation();
        using var watched = _drain.Watch(cancellation);
        using var ended = cancellation.Token.Register(run.Dispose);

        var off = _pod.ControlAsync("off", null, _minute);
        _time.Advance(TimeSpan.FromSeconds(51));

        (await off).ShouldBe(ControlResult.Done);
        cancellation.Reason.ShouldBe(new CancellationReason.Closed(PodClosed.Off));
    }

    [Fact]
    public async Task A_task_that_takes_longer_than_its_caller_waits_goes_on()
    {
        var run = _admission.Admit().Value!;

        var off = _pod.ControlAsync("off", null, TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(6));

        (await off).ShouldBe(ControlResult.TimedOut);
        run.Dispose();
        (await _pod.ControlAsync("on", null, _minute)).ShouldBe(ControlResult.Done);
        _pod.Process.ShouldBe(PodProcess.Running);
        _admission.Refusal.ShouldBeNull();
    }

    [Fact]
    public async Task Runs_after_a_drain_that_ended_some_are_not_ended_with_them()
    {
        var run = _admission.Admit().Value!;
        var off = _pod.ControlAsync("off", null, _minute);
        _time.Advance(TimeSpan.FromSeconds(51));
        run.Dispose();
        await off;

        await _pod.ControlAsync("on", null, _minute);

        var cancellation = new RunCancellation();
        using var watched = _drain.Watch(cancellation);
        cancellation.Reason.ShouldBeNull();
        using var next = _admission.Admit().Value!;
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task After_a_kill_every_task_is_gone()
    {
        (await _pod.ControlAsync("kill", null, _minute)).ShouldBe(ControlResult.Done);

        foreach (var task in new[] { "check", "on", "off", "ok", "kill", "signal" })
            (await _pod.ControlAsync(task, null, _minute)).ShouldBe(ControlResult.Dead);

        _pod.Process.ShouldBe(PodProcess.Dead);
        _admission.Refusal.ShouldBe(PodClosed.Killed);
    }

    [Theory]
    [InlineData("""{"dependencies": {"portal": {"a": {"ip": "1.2.3.4", "seq": 0}}}}""", nameof(ControlResult.Done))]
    [InlineData("""{"dependencies": {"portal": {"a": {"ip": "1.2.3.4", "seq": 0}, "b": {"ip": "1.2.3.4", "seq": 1}}}}""", nameof(ControlResult.Refused))]
    [InlineData("""{"dependencies": {"portal": {}}}""", nameof(ControlResult.Refused))]
    [InlineData("""{"dependencies": []}""", nameof(ControlResult.Refused))]
    [InlineData("{}", nameof(ControlResult.Refused))]
    public async Task A_check_wants_exactly_one_portal(string payload, string expected) =>
        (await _pod.ControlAsync("check", JsonNode.Parse(payload)!.AsObject(), _minute)).ToString().ShouldBe(expected);

    [Fact]
    public async Task An_ok_wants_a_payload_and_an_unknown_task_is_none()
    {
        (await _pod.ControlAsync("ok", null, _minute)).ShouldBe(ControlResult.Faulty);
        (await _pod.ControlAsync("ok", new JsonObject { ["pods"] = new JsonObject() }, _minute)).ShouldBe(ControlResult.Done);
        (await _pod.ControlAsync("dance", null, _minute)).ShouldBe(ControlResult.Unknown);
    }

    [Fact]
    public async Task A_pod_that_was_off_says_that_it_is_dead_once_it_was_killed()
    {
        await _pod.ControlAsync("off", null, _minute);
        _admission.Refusal.ShouldBe(PodClosed.Off);

        await _pod.ControlAsync("kill", null, _minute);

        _pod.Process.ShouldBe(PodProcess.Dead);
        _admission.Refusal.ShouldBe(PodClosed.Killed);
    }

    [Fact]
    public async Task A_pod_that_is_being_killed_says_so_while_its_last_runs_end()
    {
        var run = _admission.Admit().Value!;

        var kill = _pod.ControlAsync("kill", null, _minute);

        _admission.Refusal.ShouldBe(PodClosed.Killed);
        run.Dispose();
        (await kill).ShouldBe(ControlResult.Done);
    }

    [Fact]
    public async Task A_pod_that_is_not_to_start_takes_no_run_until_it_is_turned_on_without_a_payload()
    {
        using var admission = new RunAdmission(Options.Create(new AdmissionOptions()), _time);
        using var drain = new RunDrain(admission, _time, NullLogger<RunDrain>.Instance);
        using var pod = new PodLifecycle(Identity(startsOn: false), drain, admission, _time);
        var fromLeader = new JsonObject { ["pods"] = new JsonObject(), ["key"] = "x" };
        pod.Process.ShouldBe(PodProcess.Stopped);
        admission.Refusal.ShouldBe(PodClosed.Off);

        (await pod.ControlAsync("on", fromLeader, _minute)).ShouldBe(ControlResult.Done);
        pod.Process.ShouldBe(PodProcess.Stopped);
        admission.Refusal.ShouldBe(PodClosed.Off);

        (await pod.ControlAsync("on", null, _minute)).ShouldBe(ControlResult.Done);
        pod.Process.ShouldBe(PodProcess.Running);
        admission.Refusal.ShouldBeNull();

        // One that ran before is the leader's to start, as every other.
        await pod.ControlAsync("off", null, _minute);
        (await pod.ControlAsync("on", fromLeader, _minute)).ShouldBe(ControlResult.Done);
        pod.Process.ShouldBe(PodProcess.Running);
    }

    [Fact]
    public async Task A_pod_that_was_turned_off_is_turned_on_by_its_leader()
    {
        await _pod.ControlAsync("off", null, _minute);

        await _pod.ControlAsync("on", new JsonObject { ["key"] = "x" }, _minute);

        _pod.Process.ShouldBe(PodProcess.Running);
    }

    private static PodIdentity Identity(bool startsOn) => new(Guid.NewGuid(), "marathon", "servo", new Dictionary<string, JsonNode?>()) { StartsOn = startsOn };
}
