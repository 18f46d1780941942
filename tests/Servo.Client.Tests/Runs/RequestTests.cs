using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>What a request cannot hold is said by name, before anything is packed.</summary>
public sealed class RequestTests : IDisposable
{
    private static readonly ServoCredential _credential = new("a token");
    private readonly TempDirectory _folder = new();
    private readonly ServoClient _client = new(new Uri("http://127.0.0.1:9"), _credential);

    public RequestTests() => _folder.Write("a.py", "");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("servo.example")]
    [InlineData("ftp://servo.example/")]
    [InlineData("/run")]
    public void An_address_that_is_no_web_address_is_refused(string address) =>
        Should.Throw<ArgumentException>(() => new ServoClient(new Uri(address, UriKind.RelativeOrAbsolute), _credential)).Message.ShouldContain(address);

    [Fact]
    public void A_token_is_never_shown() => new ServoCredential("s3cr3t").ToString().ShouldNotContain("s3cr3t");

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Should.Throw<ArgumentException>(() => new ServoClient(new Uri("http://x"), _credential, new ServoClientOptions { MaxRetries = -1 })).Message.ShouldContain("MaxRetries");
        Should.Throw<ArgumentException>(() => new ServoClient(new Uri("http://x"), _credential, new ServoClientOptions { MaxRetryDelay = TimeSpan.FromSeconds(-1) })).Message.ShouldContain("MaxRetryDelay");
    }

    [Theory]
    [InlineData("a+b.py", "a+b.py")]
    [InlineData("", "empty")]
    [InlineData("..", "..")]
    public Task A_script_that_cannot_be_named_is_refused(string script, string said) => ShouldBeRefusedAsync([script], [], said);

    [Fact]
    public Task A_run_without_scripts_is_refused() => ShouldBeRefusedAsync([], [], "no script");

    [Theory]
    [InlineData("A B", "x", "A B")]
    [InlineData("", "x", "''")]
    [InlineData("GREETING", "two\nlines", "GREETING")]
    [InlineData("GREETING", "x\r\nX-Signature: sha1=0", "GREETING")]
    [InlineData("GREETING", "  a  ", "'GREETING' starts or ends with white space")]
    [InlineData("GREETING", " a", "'GREETING' starts or ends with white space")]
    [InlineData("GREETING", "a ", "'GREETING' starts or ends with white space")]
    [InlineData("GREETING", " ", "'GREETING' starts or ends with white space")]
    [InlineData("GREETING", "a\u00a0", "'GREETING' starts or ends with white space")]
    [InlineData("GREETING", "a\t", "GREETING")]
    [InlineData("GREETING", "a\0", "GREETING")]
    public Task A_variable_that_a_header_cannot_hold_is_refused(string name, string value, string said) =>
        ShouldBeRefusedAsync(["a.py"], new() { [name] = value }, said);

    [Fact]
    public async Task A_time_limit_of_nothing_is_refused() =>
        (await Should.ThrowAsync<ArgumentException>(() => _client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], new RunOptions { Timeout = TimeSpan.Zero }))).Message.ShouldContain("Timeout");

    [Fact]
    public async Task A_value_beyond_ascii_is_refused_where_the_HttpClient_is_the_callers()
    {
        using var http = new HttpClient();
        var client = new ServoClient(new Uri("http://127.0.0.1:9"), _credential, http, new ServoClientOptions());

        (await Should.ThrowAsync<ArgumentException>(() => client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"],
            new RunOptions { Variables = new Dictionary<string, string> { ["GREETING"] = "grüße" } }))).Message.ShouldContain("ServoClientOptions.HttpClientSendsUtf8");
    }

    [Fact]
    public async Task A_value_beyond_ascii_is_sent_where_the_callers_HttpClient_can()
    {
        var arrived = "";
        await using var server = await WebServer.StartAsync((_, context) =>
        {
            arrived = context.Request.Headers["X-Var-GREETING"].ToString();
            return WebServer.SucceedAsync(context);
        });
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 });
        var client = new ServoClient(server.Url, _credential, http, new ServoClientOptions { HttpClientSendsUtf8 = true });

        await client.RunAsync(
            Bundle.FromDirectory(_folder.Path), ["a.py"],
            new RunOptions { Variables = new Dictionary<string, string> { ["GREETING"] = "grüße" } }, null,
            TestContext.Current.CancellationToken);

        arrived.ShouldBe("grüße");
    }

    [Fact]
    public async Task A_double_can_stand_in_for_a_client()
    {
        ServoClient client = new FailingClient();

        (await client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], cancellationToken: TestContext.Current.CancellationToken)).Failure!.Detail.ShouldBe("as told");
    }

    private async Task ShouldBeRefusedAsync(string[] scripts, Dictionary<string, string> variables, string said) =>
        (await Should.ThrowAsync<ArgumentException>(() => _client.RunAsync(Bundle.FromDirectory(_folder.Path), scripts, new RunOptions { Variables = variables }))).Message.ShouldContain(said);

    private sealed class FailingClient : ServoClient
    {
        public override Task<RunOutcome> RunAsync(
            Bundle bundle, IEnumerable<string> scripts, RunOptions? options = null, IProgress<RunProgress>? progress = null,
            CancellationToken cancellationToken = default) =>
            Task.FromResult(new RunOutcome(new RunFailure("script-failed", "as told")));
    }
}
