using Microsoft.AspNetCore.Http;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Tests.Refusals;

public sealed class UnreadableBodyTests
{
    [Fact]
    public void Finds_the_caller_s_fault_wherever_it_is()
    {
        UnreadableBody.In(new BadHttpRequestException("too slow", 408))!.StatusCode.ShouldBe(408);
        UnreadableBody.In(new IOException("Bad chunk size data.", new OverflowException()))!.StatusCode.ShouldBe(400);
        UnreadableBody.In(new HttpRequestException("", new TaskCanceledException("", new BodyCutShortException())))!.Message.ShouldBe(
            "Unexpected end of request content.");
    }

    [Fact]
    public void Leaves_every_other_exception() => UnreadableBody.In(new IOException("disk", new IOException())).ShouldBeNull();
}
