using System.Net;
using Microsoft.AspNetCore.Http;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>A gateway that refuses, and servers that are none: an exception that says what to check.</summary>
public sealed class RefusalTests : IDisposable
{
    private static readonly ServoClientOptions _impatient = new() { MaxRetries = 0 };
    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    public RefusalTests() => _folder.Write("a.py", "print('ran')");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_wrong_token_is_a_bad_signature()
    {
        await using var gateway = await Gateway.StartAsync();

        var fault = await FailAsync(new Uri(gateway.Url), _impatient, "wrong");

        fault.Error.ShouldBe(ServoRequestError.BadSignature);
        fault.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        fault.Kind.ShouldBe(RefusalKinds.BadSignature);
        fault.Hint.ShouldBe("ServoClientOptions.Algorithm chooses it.");
        fault.Description.ShouldNotContain("ServoClientOptions");
        fault.Message.ShouldContain("token");
        fault.Message.ShouldNotContain("wrong\"");
    }

    [Fact]
    public async Task An_archive_that_is_too_large_is_refused_before_it_is_sent()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Uploads__MaxBytes", "1000000"));
        var noise = new byte[3_000_000];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(_folder.File("noise"), noise, TestContext.Current.CancellationToken);

        var fault = await FailAsync(new Uri(gateway.Url), _impatient);

        fault.Error.ShouldBe(ServoRequestError.TooLarge);
        fault.Kind.ShouldBe("too-large");
        fault.Message.ShouldContain("Servo:Uploads:MaxBytes");
    }

    [Fact]
    public async Task A_reserved_variable_is_refused_with_the_gateways_words()
    {
        await using var gateway = await Gateway.StartAsync();
        var client = new ServoClient(new Uri(gateway.Url), new ServoCredential(Gateway.Token), _impatient);

        var fault = await Should.ThrowAsync<ServoRequestException>(() => client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"],
            new RunOptions { Variables = new Dictionary<string, string> { ["LD_PRELOAD"] = "x" } }));

        fault.Error.ShouldBe(ServoRequestError.BadRequest);
        fault.Message.ShouldContain("'LD_PRELOAD' is reserved");
    }

    [Fact]
    public async Task What_the_server_refuses_by_itself_is_told_in_its_words()
    {
        await using var gateway = await Gateway.StartAsync();
        var client = new ServoClient(new Uri(gateway.Url), new ServoCredential(Gateway.Token), _impatient);

        var fault = await Should.ThrowAsync<ServoRequestException>(() => client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"],
            new RunOptions { Variables = new Dictionary<string, string> { ["NOTES"] = new string('x', 40_000) } }));

        fault.Error.ShouldBe(ServoRequestError.BadRequest);
        fault.Kind.ShouldBe("headers-too-large");
        fault.Message.ShouldContain("Put what is large into a file of the bundle.");
    }

    [Fact]
    public async Task A_busy_gateway_is_asked_again_after_the_pause_that_it_wants()
    {
        await using var server = await WebServer.StartAsync(
            (number, context) => number < 2 ? WebServer.BusyAsync(context, "1") : WebServer.SucceedAsync(context));

        var watch = System.Diagnostics.Stopwatch.StartNew();
        var outcome = await Client(server.Url, new ServoClientOptions()).RunAsync(
            Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress, cancellationToken: TestContext.Current.CancellationToken);

        outcome.Succeeded.ShouldBeTrue();
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(2));
        server.Requests.ShouldBe(3);
        _progress.Reports.OfType<RunProgress.Retrying>().Count().ShouldBe(2);
        _progress.Reports.OfType<RunProgress.Retrying>().ShouldAllBe(
            retry => retry.Delay >= TimeSpan.FromSeconds(1) && retry.Delay < TimeSpan.FromSeconds(1.5));
        server.Seen.ShouldAllBe(seen => seen.Signature == Signature.Compute(ArchiveIn(seen.Body), new ServoCredential(Gateway.Token), SignatureAlgorithm.Sha256));
    }

    [Fact]
    public async Task A_gateway_that_stays_busy_is_reported_with_its_pause()
    {
        await using var server = await WebServer.StartAsync((_, context) => WebServer.BusyAsync(context, "0"));

        var fault = await FailAsync(server.Url, new ServoClientOptions { MaxRetries = 2 });

        fault.Error.ShouldBe(ServoRequestError.Busy);
        fault.RetryAfter.ShouldBe(TimeSpan.Zero);
        fault.Message.ShouldContain("All 1 places");
        server.Requests.ShouldBe(3);
    }

    [Fact]
    public async Task A_pause_that_is_too_long_is_not_waited_for()
    {
        await using var server = await WebServer.StartAsync((_, context) => WebServer.BusyAsync(context, "3600"));

        var fault = await FailAsync(server.Url, new ServoClientOptions());

        fault.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        server.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData(503, "1", 2)]
    [InlineData(503, null, 1)]
    [InlineData(502, "1", 1)]
    [InlineData(500, "1", 1)]
    [InlineData(504, null, 1)]
    public async Task Only_a_refusal_that_is_certain_is_retried(int status, string? retryAfter, int requests)
    {
        await using var server = await WebServer.StartAsync((_, context) =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return WebServer.AnswerAsync(context, status, "text/html", "<h1>sorry</h1>");
        });

        var fault = await FailAsync(server.Url, new ServoClientOptions { MaxRetries = 1 });

        fault.Error.ShouldBe(ServoRequestError.Unavailable);
        ((int)fault.StatusCode!).ShouldBe(status);
        server.Requests.ShouldBe(requests);
    }

    [Theory]
    [InlineData(200, "text/html", "<h1>welcome</h1>")]
    [InlineData(200, "application/json", "{\"hello\": 1}")]
    [InlineData(200, "application/json", "[]")]
    [InlineData(200, "application/json", "not json")]
    [InlineData(200, "application/json", "{\"ok\": \"yes\", \"log\": []}")]
    [InlineData(200, "application/x-ndjson", "not json\n")]
    [InlineData(200, "application/x-ndjson", "{\"hello\": 1}\n")]
    [InlineData(200, "application/x-ndjson", "{\"event\": \"script\", \"name\": \"a.py\", \"exitCode\": 0, \"seconds\": 1e300}\n")]
    [InlineData(204, "text/plain", "")]
    [InlineData(400, "text/html", "<h1>bad</h1>")]
    [InlineData(404, "text/html", "<h1>not here</h1>")]
    [InlineData(405, "text/html", "")]
    [InlineData(401, "application/json", "{}")]
    public async Task A_server_that_is_no_servo_is_named(int status, string type, string body)
    {
        await using var server = await WebServer.StartAsync((_, context) => status == 204 ? Task.FromResult(context.Response.StatusCode = 204) : WebServer.AnswerAsync(context, status, type, body));

        var fault = await FailAsync(server.Url, new ServoClientOptions());

        fault.Error.ShouldBe(ServoRequestError.NotAServo);
        fault.Message.ShouldContain(server.Url.GetLeftPart(UriPartial.Authority));
        fault.Message.ShouldContain($"{status}");
        server.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData(404, "not-found")]
    [InlineData(405, "method-not-allowed")]
    [InlineData(403, "not-today")]
    [InlineData(431, "headers-too-large")]
    public async Task A_refusal_with_the_gateways_words_is_told_in_them(int status, string kind)
    {
        await using var server = await WebServer.StartAsync((_, context) => WebServer.AnswerAsync(context, status, "application/problem+json", $$"""{"kind":"{{kind}}","detail":"It is so."}"""));

        var fault = await FailAsync(server.Url, _impatient);

        fault.Error.ShouldBe(ServoRequestError.BadRequest);
        fault.Kind.ShouldBe(kind);
        fault.Message.ShouldEndWith($"refused the request ({status}): It is so.");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_but_shown()
    {
        await using var server = await WebServer.StartAsync((_, context) =>
        {
            context.Response.Redirect("https://elsewhere.example/run/a.py", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        (await FailAsync(server.Url, _impatient)).Message.ShouldContain("leads to https://elsewhere.example/run/a.py");
    }

    /// <summary>The one part of a form: between the blank line after its headers and the last boundary.</summary>
    private static byte[] ArchiveIn(byte[] form)
    {
        var start = form.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        return form[start..form.AsSpan().LastIndexOf("\r\n--"u8)];
    }

    private static ServoClient Client(Uri address, ServoClientOptions options, string token = Gateway.Token) =>
        new(address, new ServoCredential(token), options);

    private Task<ServoRequestException> FailAsync(Uri address, ServoClientOptions options, string token = Gateway.Token) =>
        Should.ThrowAsync<ServoRequestException>(
            () => Client(address, options, token).RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress));
}
