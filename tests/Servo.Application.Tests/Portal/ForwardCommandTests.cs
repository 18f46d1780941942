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
    public async Task Sends_the_line_without_the_blanks_that_http_would_drop()
    {
        var answer = await _core.Get<IMediator>().Send(new ForwardCommand(new PortalCommand("  exec *web  --force\t")), TestContext.Current.CancellationToken);

        answer.Refusal.ShouldBeNull();
        _core.Calls.ShouldBe(["send exec *web  --force"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("ls\r\nX-Signature: forged")]
    [InlineData("ls\nls")]
    [InlineData("ls\0")]
    public async Task Refuses_an_empty_line_and_one_that_would_start_another_header(string line)
    {
        var answer = await _core.Get<IMediator>().Send(new ForwardCommand(new PortalCommand(line)), TestContext.Current.CancellationToken);

        answer.Refusal.ShouldBeOfType<Refusal.Malformed>();
        _core.Calls.ShouldBeEmpty();
    }
}
