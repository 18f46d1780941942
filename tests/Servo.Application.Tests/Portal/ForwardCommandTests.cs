using MediatR;
using Servo.Application.Portal;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Application.Tests.Portal;

public sealed class ForwardCommandTests : IDisposable
{
    private readonly Core _core = new();

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
    }

    private Task<Result<PortalAnswer>> SendAsync(string line) =>
        _core.Get<IMediator>().Send(new ForwardCommand(PortalCalls.Command(line)), TestContext.Current.CancellationToken);
}
