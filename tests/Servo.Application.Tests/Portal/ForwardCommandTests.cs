using System.Text;
using MediatR;
using Servo.Application.Auditing;
using Servo.Application.Portal;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Portal;

public sealed class ForwardCommandTests : IDisposable
{
    private readonly Core _core = new();
    private readonly RunId _run = RunId.New(DateTimeOffset.UtcNow);

    public void Dispose() => _core.Dispose();

    [Fact]
    public async Task Sends_the_line_to_the_portal()
    {
        var answer = await SendAsync("exec *web  --force");

        answer.Refusal.ShouldBeNull();
        _core.Calls.ShouldBe(["send exec *web  --force"]);
    }

    [Fact]
    public async Task Answers_with_the_portals_refusal()
    {
        var unavailable = new Refusal.PortalUnavailable("The portal is away.");
        _core.OnCommand = _ => unavailable;

        (await SendAsync("ls")).Refusal.ShouldBe(unavailable);
        Recorded().Outcome.ShouldBe("portal-unavailable");
    }

    [Theory]
    [InlineData("""{"ok": true, "ms": 1.0, "out": "{}"}""", CommandOutcomes.Succeeded)]
    [InlineData("""{"out": {"ok": true}, "ok": false}""", CommandOutcomes.Failed)]
    [InlineData("""{"ok": "yes"}""", CommandOutcomes.Answered)]
    [InlineData("[true]", CommandOutcomes.Answered)]
    [InlineData("<html>", CommandOutcomes.Answered)]
    [InlineData("", CommandOutcomes.Answered)]
    public async Task Records_what_the_answer_says_once_it_has_been_passed_on(string body, string outcome)
    {
        _core.OnCommand = _ => AnswerOf(body);

        await using (var answer = (await SendAsync("deploy x.yml")).Value!)
        {
            _core.Audit.Events.ShouldBeEmpty();
            (await new StreamReader(answer.Content).ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(body);
        }

        var recorded = Recorded();
        (recorded.Run, recorded.Line.Text, recorded.HasFiles, recorded.Outcome).ShouldBe((_run, "deploy x.yml", false, outcome));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_to_look_into_is_passed_on_whole()
    {
        var body = $$"""{"ok": true, "out": "{{new string('x', HeardAnswer.MaxHeard)}}"}""";
        _core.OnCommand = _ => AnswerOf(body);

        await using (var answer = (await SendAsync("ls")).Value!)
            (await new StreamReader(answer.Content).ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe(body);

        Recorded().Outcome.ShouldBe(CommandOutcomes.Answered);
    }

    [Fact]
    public async Task An_answer_that_nobody_reads_to_its_end_is_recorded_as_abandoned()
    {
        _core.OnCommand = _ => AnswerOf("""{"ok": true}""");

        await using (var answer = (await SendAsync("ls")).Value!)
            await answer.Content.ReadExactlyAsync(new byte[12], TestContext.Current.CancellationToken);

        Recorded().Outcome.ShouldBe(CommandOutcomes.Abandoned);
    }

    [Fact]
    public async Task A_command_whose_run_ends_meanwhile_or_whose_portal_faults_is_recorded()
    {
        _core.OnCommand = _ => throw new OperationCanceledException();
        await Should.ThrowAsync<OperationCanceledException>(() => SendAsync("ls"));
        _core.OnCommand = _ => throw new InvalidOperationException();
        await Should.ThrowAsync<InvalidOperationException>(() => SendAsync("ls"));

        _core.Audit.Events.Cast<AuditEvent.CommandForwarded>().Select(command => command.Outcome).ShouldBe([CommandOutcomes.Abandoned, CommandOutcomes.Fault]);
    }

    private AuditEvent.CommandForwarded Recorded() => _core.Audit.Events.ShouldHaveSingleItem().ShouldBeOfType<AuditEvent.CommandForwarded>();

    private static PortalAnswer AnswerOf(string body) => new(new MemoryStream(Encoding.UTF8.GetBytes(body)), "application/json");

    private Task<Result<PortalAnswer>> SendAsync(string line) =>
        _core.Get<IMediator>().Send(new ForwardCommand(_run, PortalCalls.Command(line)), TestContext.Current.CancellationToken);
}
