using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Servo.Infrastructure.Portal;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

public sealed class PortalTimeoutTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Has_no_time_limit_of_its_own_and_goes_no_way_around()
    {
        HttpClient? client = null;
        SocketsHttpHandler? handler = null;
        await using var provider = Portals.Provide(
            options => options.Url = new Uri("http://127.0.0.1:9000"),
            services => services.ConfigureAll<HttpClientFactoryOptions>(options =>
            {
                options.HttpClientActions.Add(made => client = made);
                options.HttpMessageHandlerBuilderActions.Add(builder => handler = (SocketsHttpHandler)builder.PrimaryHandler);
            }));

        provider.GetRequiredService<IOchothonPortal>().ShouldNotBeNull();

        client.ShouldNotBeNull().Timeout.ShouldBe(Timeout.InfiniteTimeSpan);
        handler.ShouldNotBeNull().PooledConnectionLifetime.ShouldBe(TimeSpan.Zero);
        (handler.UseProxy, handler.UseCookies, handler.AllowAutoRedirect).ShouldBe((false, false, false));
    }

    [Fact]
    public async Task Waits_for_a_command_that_takes_longer_than_the_connection_may()
    {
        var gate = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.Provide(
            options => options.Url = server.Url,
            services => services.ConfigureAll<HttpClientFactoryOptions>(options => options.HttpMessageHandlerBuilderActions.Add(
                builder => ((SocketsHttpHandler)builder.PrimaryHandler).ConnectTimeout = TimeSpan.FromMilliseconds(200))));
        server.Answer = _ =>
        {
            asked.SetResult();
            return PortalReply.Succeeded("late").After(gate.Task);
        };

        var sending = provider.Portal().AnswerToAsync(PortalCalls.Command("deploy slow.yml"));
        await asked.Task.WaitAsync(Cancellation);
        await Task.WhenAny(sending, Task.Delay(600, Cancellation));
        sending.IsCompleted.ShouldBeFalse();
        gate.SetResult();

        (await sending).GetProperty("out").GetString().ShouldBe("late");
    }

    [Fact]
    public async Task Abandons_the_request_when_it_is_cancelled()
    {
        var asked = new TaskCompletionSource<PortalRequest>();
        using var cancel = new CancellationTokenSource();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = request =>
        {
            asked.SetResult(request);
            return PortalReply.Succeeded("never").After(new TaskCompletionSource().Task);
        };

        var sending = provider.Portal().SendAsync(PortalCalls.Command("deploy slow.yml"), cancel.Token);
        var request = await asked.Task.WaitAsync(Cancellation);
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => sending);
        await request.WhenAborted.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Abandons_the_answer_when_it_is_not_read_to_its_end()
    {
        var asked = new TaskCompletionSource<PortalRequest>();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = request =>
        {
            asked.SetResult(request);
            return PortalReply.Streamed(1L << 40);
        };

        var result = await provider.Portal().SendAsync(PortalCalls.Command("log -l"), Cancellation);
        await result.Value.ShouldNotBeNull().DisposeAsync();

        await (await asked.Task).WhenAborted.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }
}
