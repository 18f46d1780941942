using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Servo.Application.Portal;
using Servo.Domain;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

public sealed class PortalFaultsTests
{
    private static readonly PortalCommand _command = PortalCalls.Command("deploy web.yml -j");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_that_a_portal_that_refuses_the_connection_may_be_down()
    {
        var port = LoopbackPorts.Free();
        await using var provider = Portals.ProvideFor(new Uri($"http://user:pa55@127.0.0.1:{port}/"));

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"is the portal @ 127.0.0.1:{port} down ? (connection refused)"));
    }

    [Fact]
    public async Task Says_that_a_name_does_not_resolve()
    {
        await using var provider = Portals.ProvideFor(new Uri("http://portal.invalid:9000"));

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable("the portal @ portal.invalid:9000 has no address: its name does not resolve (check Servo:Portal:Url)"));
    }

    [Fact]
    public async Task Gives_up_on_a_portal_that_does_not_accept_the_connection()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var address = (IPEndPoint)full.LocalEndPoint!;
        using var first = new TcpClient();
        await first.ConnectAsync(address, Cancellation);

        await using var provider = Portals.Provide(
            options => options.Url = new Uri($"http://{address}"),
            services => services.ConfigureAll<HttpClientFactoryOptions>(options => options.HttpMessageHandlerBuilderActions.Add(
                builder => ((SocketsHttpHandler)builder.PrimaryHandler).ConnectTimeout = TimeSpan.FromMilliseconds(200))));

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"is the portal @ {address} down ? (no connection within 10 seconds)"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(204)]
    [InlineData(401)]
    public async Task Refuses_every_status_but_200(int status)
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.Raw(status, "application/json", status == 204 ? "" : "{}");

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"the portal @ {server.Url.Authority} answered HTTP {status} (check Servo:Portal:Url)"));
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Follows_no_redirect_with_a_command()
    {
        await using var other = await PortalServer.StartAsync();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.Redirect($"{other.Url}shell");

        (await provider.Portal().RefusalOfAsync(_command)).Detail.ShouldContain("answered HTTP 307");
        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tells_a_web_page_from_a_portals_answer()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.Html(200, "It works!");

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"what answers @ {server.Url.Authority} is not an Ochothon portal: it sent HTML (check Servo:Portal:Url)"));
    }

    [Fact]
    public async Task Says_that_something_else_than_a_web_server_is_there()
    {
        await using var server = ScriptedSocket.Start((_, _) => "SSH-2.0-OpenSSH_9.2p1\r\n");
        await using var provider = Portals.ProvideFor(server.Url);

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"what answers @ {server.Url.Authority} is not an Ochothon portal: it does not speak HTTP (check Servo:Portal:Url)"));
    }

    [Fact]
    public async Task Says_that_TLS_failed()
    {
        await using var server = ScriptedSocket.Start((_, _) => "no TLS");
        await using var provider = Portals.ProvideFor(new Uri($"https://{server.Url.Authority}"));

        (await provider.Portal().RefusalOfAsync(_command))
            .ShouldBe(new Refusal.PortalUnavailable($"the portal @ {server.Url.Authority} offers no TLS connection that can be trusted (check Servo:Portal:Url)"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Says_that_a_command_may_have_been_carried_out_when_the_portal_resets_before_it_answers(bool withFiles)
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.BreakOff();

        var refusal = await provider.Portal().RefusalOfAsync(withFiles ? PortalCalls.WithFiles("deploy f", PortalCalls.Multipart(("f", [1]))) : _command);

        refusal.ShouldBe(new Refusal.PortalUnavailable($"the portal @ {server.Url.Authority} broke off before it answered; the command may have been carried out"));
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Lets_the_reader_see_that_the_portal_broke_off_in_mid_answer()
    {
        var read = new TaskCompletionSource();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.BreakOffAfter("{\"ok\": tr", read.Task);

        var result = await provider.Portal().SendAsync(_command, Cancellation);
        await using var answer = result.Value.ShouldNotBeNull();
        var beginning = new byte[9];
        await answer.Content.ReadExactlyAsync(beginning, Cancellation);
        read.SetResult();

        await Should.ThrowAsync<IOException>(() => answer.Content.ReadAsync(beginning, Cancellation).AsTask());
        beginning.ShouldBe("{\"ok\": tr"u8.ToArray());
        server.Requests.Count.ShouldBe(1);
    }

    // An HTTP client takes a connection that closes without an answer for stale, and sends the request again on another.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Never_sends_a_command_twice_even_when_the_portal_keeps_connections_and_then_closes_them(bool withFiles)
    {
        await using var server = ScriptedSocket.Start(
            (request, _) => request == 0 ? ScriptedSocket.KeptAlive("{\"ok\": true, \"ms\": 1.0, \"out\": \"{}\"}") : null);
        await using var provider = Portals.ProvideFor(server.Url);

        await provider.Portal().AnswerToAsync(PortalCalls.Command("ls"));
        var refusal = await provider.Portal().RefusalOfAsync(withFiles ? PortalCalls.WithFiles("deploy f", PortalCalls.Multipart(("f", [1]))) : _command);

        refusal.Detail.ShouldContain("may have been carried out");
        server.Requests.ShouldBe(2);
        server.Connections.ShouldBe(2);
    }

    // Shows that the server above does provoke what it is meant to.
    [Fact]
    public async Task An_ordinary_client_would_have_sent_it_again()
    {
        await using var server = ScriptedSocket.Start((request, _) => request == 0 ? ScriptedSocket.KeptAlive("{}") : null);
        using var client = new HttpClient();
        (await client.PostAsync(server.Url, null, Cancellation)).Dispose();

        await Should.ThrowAsync<HttpRequestException>(() => client.PostAsync(server.Url, null, Cancellation));

        server.Requests.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Blames_the_files_when_they_break_off()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        var body = PortalCalls.Multipart(("f", new byte[1000]));

        var refusal = await provider.Portal()
            .RefusalOfAsync(PortalCalls.Command("deploy f", new MemoryStream(body[..500]), PortalCalls.ContentType, body.Length));

        refusal.ShouldBe(new Refusal.PortalUnavailable("the files of the command broke off before the portal had all of them"));
        server.Requests.ShouldBeEmpty();
    }
}
