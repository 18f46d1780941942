using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Servo.Testing;

namespace Servo.Client.Tests.Runs;

/// <summary>Connections that are not made, are not safe, or break: it is told apart whether a run may have begun.</summary>
public sealed class ConnectionTests : IDisposable
{
    private static readonly ServoCredential _credential = new("a token");
    private static readonly ServoClientOptions _quick = new()
    {
        MaxRetries = 2,
        MaxRetryDelay = TimeSpan.FromMilliseconds(50),
        ReconnectTimeout = TimeSpan.FromSeconds(1),
    };
    private readonly TempDirectory _folder = new();
    private readonly RecordedProgress _progress = new();

    public ConnectionTests() => _folder.Write("a.py", "print('ran')");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nobody_who_listens_is_tried_again_and_then_reported()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();

        var fault = await FailAsync(new ServoClient(address, _credential, _quick));

        fault.Error.ShouldBe(ServoRequestError.Unreachable);
        fault.StatusCode.ShouldBeNull();
        fault.Message.ShouldContain(address.Authority);
        fault.Message.ShouldContain("refused");
        _progress.Reports.OfType<RunProgress.Retrying>().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_host_without_an_address_is_unreachable()
    {
        var fault = await FailAsync(new ServoClient(new Uri("http://no-such-host.invalid:5000"), _credential, new ServoClientOptions { MaxRetries = 0 }));

        fault.Error.ShouldBe(ServoRequestError.Unreachable);
        fault.Message.ShouldContain("no-such-host.invalid");
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_said_and_not_retried()
    {
        using var certificate = SelfSigned();
        await using var server = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context), certificate);

        var fault = await FailAsync(new ServoClient(server.Url, _credential));

        fault.Error.ShouldBe(ServoRequestError.InsecureConnection);
        fault.Message.ShouldContain("certificate");
        fault.Description.ShouldNotContain("HttpClient");
        fault.Hint.ShouldBe("Or pass an HttpClient that does.");
        _progress.Reports.OfType<RunProgress.Retrying>().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_HttpClient_of_the_callers_brings_its_own_trust()
    {
        using var certificate = SelfSigned();
        await using var server = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context), certificate);
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificate }, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
        using var http = new HttpClient(handler);

        (await new ServoClient(server.Url, _credential, http, _quick).RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], cancellationToken: TestContext.Current.CancellationToken)).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task An_HttpClient_of_the_callers_brings_its_own_proxy()
    {
        await using var proxy = await WebServer.StartAsync((_, context) => WebServer.SucceedAsync(context));
        using var handler = new SocketsHttpHandler { Proxy = new WebProxy(proxy.Url), UseProxy = true };
        using var http = new HttpClient(handler);

        (await new ServoClient(new Uri("http://servo.invalid:5000/base"), _credential, http, _quick).RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py", "a.py"], cancellationToken: TestContext.Current.CancellationToken)).Succeeded.ShouldBeTrue();
        proxy.Seen.Single().Target.ShouldBe("http://servo.invalid:5000/base/run/a.py+a.py");
    }

    [Fact]
    public async Task An_HttpClient_whose_own_time_limit_passes_is_named()
    {
        using var server = new BreakingServer(_ => Timeout.Infinite, "");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };

        var fault = await FailAsync(new ServoClient(server.Url, _credential, http, _quick));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.Message.ShouldContain("HttpClient.Timeout");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_upload_is_tried_again()
    {
        var noise = new byte[20_000_000];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(_folder.File("noise"), noise, TestContext.Current.CancellationToken);
        using var server = new BreakingServer(_ => 100_000, "");

        var fault = await FailAsync(new ServoClient(server.Url, _credential, _quick));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.Message.ShouldContain("nothing has started");
        server.Connections.ShouldBe(3);
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_upload_is_never_tried_again()
    {
        using var server = new BreakingServer(length => length, "");

        var fault = await FailAsync(new ServoClient(server.Url, _credential, _quick));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.Message.ShouldContain("It is unknown whether a run has started");
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [InlineData("Content-Length: 5000\r\n\r\n")]
    [InlineData("\r\n")]
    public async Task A_connection_that_breaks_in_mid_run_names_the_run(string headers)
    {
        using var server = new BreakingServer(length => length,
            $$"""HTTP/1.1 200 OK{{"\r\n"}}Content-Type: application/x-ndjson{{"\r\n"}}Connection: close{{"\r\n"}}{{headers}}{"event":"run","id":"run-17"}{{"\n"}}{"event":"line","n":1,"script":null,"stream":"servo","text":"hello"}{{"\n"}}""");

        var fault = await FailAsync(new ServoClient(server.Url, _credential, _quick));

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.RunId.ShouldBe("run-17");
        fault.Message.ShouldEndWith("It is unknown whether the run run-17 is still going: search the gateway's log for run-17.");
        _progress.Lines.ShouldBe(["hello"]);
        server.Connections.ShouldBe(1);
    }

    [Fact]
    public async Task A_gateway_that_is_killed_in_mid_run_is_not_said_to_go_on_with_it()
    {
        await using var gateway = await Gateway.StartAsync();
        _folder.Write("a.py", "import time\nprint('begun')\ntime.sleep(20)");

        var run = FailAsync(new ServoClient(new Uri(gateway.Url), new ServoCredential(Gateway.Token), _quick));
        await _progress.SeeLineAsync("begun");
        using (var process = System.Diagnostics.Process.GetProcessById(gateway.ProcessId))
            process.Kill();
        var fault = await run;

        fault.Error.ShouldBe(ServoRequestError.ConnectionLost);
        fault.RunId.ShouldBe(_progress.Reports.OfType<RunProgress.Started>().Single().RunId);
        fault.Message.ShouldEndWith($"It is unknown whether the run {fault.RunId} is still going: search the gateway's log for {fault.RunId}.");
    }

    [Fact]
    public async Task Cancellation_before_the_upload_is_whole_says_that_no_run_has_begun()
    {
        using var server = new BreakingServer(_ => Timeout.Infinite, "");
        using var cancellation = new CancellationTokenSource();
        await File.WriteAllBytesAsync(
            _folder.File("noise"), System.Security.Cryptography.RandomNumberGenerator.GetBytes(20_000_000),
            TestContext.Current.CancellationToken);

        var run = new ServoClient(server.Url, _credential, _quick)
            .RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress, cancellationToken: cancellation.Token);
        await _progress.SeeAsync<RunProgress.Uploading>(_ => true);
        await cancellation.CancelAsync();

        var cancelled = await Assert.ThrowsAsync<ServoRunCanceledException>(() => run);
        cancelled.RunId.ShouldBeNull();
        cancelled.Message.ShouldBe("The call was cancelled. No run has started.");
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private Task<ServoRequestException> FailAsync(ServoClient client) =>
        Should.ThrowAsync<ServoRequestException>(() => client.RunAsync(Bundle.FromDirectory(_folder.Path), ["a.py"], progress: _progress));

    /// <summary>Reads part of a request's body, answers with raw bytes and breaks the connection.</summary>
    private sealed class BreakingServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();

        public BreakingServer(Func<int, int> bodyBytes, string answer)
        {
            _listener.Start();
            _ = ServeAsync(bodyBytes, answer);
        }

        public Uri Url => new($"http://{_listener.LocalEndpoint}");

        public int Connections { get; private set; }

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Stop();
            _stop.Dispose();
        }

        private async Task ServeAsync(Func<int, int> bodyBytes, string answer)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    Connections++;
                    await ServeAsync(client.GetStream(), bodyBytes, answer);

                    // Without a farewell, where nothing was answered.
                    if (answer.Length == 0)
                        client.LingerState = new LingerOption(true, 0);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(NetworkStream stream, Func<int, int> bodyBytes, string answer)
        {
            var head = new StringBuilder();
            var one = new byte[1];

            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one, _stop.Token);
                head.Append((char)one[0]);
            }

            if (head.ToString().Contains("100-continue", StringComparison.OrdinalIgnoreCase))
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);

            var line = head.ToString().Split("\r\n").Single(header => header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
            var wanted = bodyBytes(int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));

            if (wanted == Timeout.Infinite)
                await Task.Delay(Timeout.Infinite, _stop.Token);

            await stream.ReadExactlyAsync(new byte[wanted], _stop.Token);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
        }
    }
}
