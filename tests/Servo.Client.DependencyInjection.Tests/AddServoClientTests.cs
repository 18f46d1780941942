using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Servo.Testing;

namespace Servo.Client.DependencyInjection.Tests;

public sealed class AddServoClientTests : IDisposable
{
    private static readonly Uri _gateway = new("http://servo.example:5000");
    private static readonly ServoCredential _credential = new("a token");

    private static readonly RunOptions _greeting = new() { CheckScripts = false, Variables = new Dictionary<string, string> { ["GREETING"] = "grüße 世界 🚀" } };

    private readonly string _archive = Path.GetTempFileName();
    private readonly ServiceCollection _services = new();

    [Fact]
    public async Task The_client_sends_through_the_handler_that_the_container_has()
    {
        var handler = new RecordingHandler();
        _services.AddServoClient(_gateway, _credential, new ServoClientOptions { Algorithm = SignatureAlgorithm.Sha512 })
            .ConfigurePrimaryHttpMessageHandler(() => handler);
        await using var provider = Build();

        var outcome = await provider.GetRequiredService<ServoClient>().RunAsync(
            Bundle.FromArchive(_archive), ["a.py"], new RunOptions { CheckScripts = false }, null, TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue();
        handler.Requests.ShouldBe(["POST http://servo.example:5000/run/a.py sha512"]);
    }

    [Fact]
    public async Task Neither_time_nor_redirects_are_left_to_chance()
    {
        _services.AddServoClient(_gateway, _credential);
        await using var provider = Build();

        provider.GetRequiredService<IHttpClientFactory>().CreateClient("Servo.Client").Timeout.ShouldBe(Timeout.InfiniteTimeSpan);

        var handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("Servo.Client");

        while (handler is DelegatingHandler delegating)
            handler = delegating.InnerHandler!;

        handler.ShouldBeOfType<SocketsHttpHandler>().AllowAutoRedirect.ShouldBeFalse();
    }

    [Fact]
    public async Task Variables_beyond_ASCII_arrive_whole()
    {
        var arrived = "";
        await using var server = await WebServer.StartAsync((_, context) =>
        {
            arrived = context.Request.Headers["X-Var-GREETING"].ToString();
            return WebServer.SucceedAsync(context);
        });
        _services.AddServoClient(server.Url, _credential).UseSocketsHttpHandler((handler, _) => handler.UseProxy = false);
        await using var provider = Build();

        await provider.GetRequiredService<ServoClient>()
            .RunAsync(Bundle.FromArchive(_archive), ["a.py"], _greeting, null, TestContext.Current.CancellationToken);

        arrived.ShouldBe("grüße 世界 🚀");
    }

    [Fact]
    public async Task Variables_beyond_ASCII_are_refused_where_the_programs_own_handler_cannot_send_them()
    {
        _services.AddServoClient(_gateway, _credential).ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler());
        await using var provider = Build();

        (await Should.ThrowAsync<ArgumentException>(() => provider.GetRequiredService<ServoClient>().RunAsync(Bundle.FromArchive(_archive), ["a.py"], _greeting)))
            .Message.ShouldContain("ServoClientOptions.HttpClientSendsUtf8");
    }

    [Fact]
    public async Task Every_option_reaches_the_client()
    {
        var options = new ServoClientOptions { Algorithm = SignatureAlgorithm.Sha1, MaxRetries = 7, MaxRetryDelay = TimeSpan.FromSeconds(7), HttpClientSendsUtf8 = true, ReconnectTimeout = TimeSpan.FromSeconds(7) };
        var properties = typeof(ServoClientOptions).GetProperties();
        properties.ShouldAllBe(property => !Equals(property.GetValue(options), property.GetValue(new ServoClientOptions())));
        _services.AddServoClient(_gateway, _credential, options);
        await using var provider = Build();

        var copy = typeof(ServoClient)
            .GetField("_options", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(provider.GetRequiredService<ServoClient>());

        properties.ShouldAllBe(property => Equals(property.GetValue(copy), property.GetValue(options)));
    }

    [Fact]
    public void A_wrong_address_is_told_where_it_is_registered() =>
        Should.Throw<ArgumentException>(() => _services.AddServoClient(new Uri("ftp://servo.example"), _credential)).Message.ShouldContain(
            "must be an absolute http or https URL");

    [Fact]
    public void A_wrong_option_is_told_where_it_is_registered() =>
        Should.Throw<ArgumentException>(() => _services.AddServoClient(_gateway, _credential, new ServoClientOptions { MaxRetries = -1 }));

    public void Dispose() => File.Delete(_archive);

    private ServiceProvider Build() => _services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    /// <summary>Stands for a gateway at the factory's edge: the port that the registration is about.</summary>
    private sealed class RecordingHandler : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add($"{request.Method} {request.RequestUri} {request.Headers.GetValues("X-Signature").Single().Split('=')[0]}");

            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent("""{"event":"result","ok":true,"id":"1","scripts":[]}""" + "\n", Encoding.UTF8, "application/x-ndjson"),
            });
        }
    }
}
