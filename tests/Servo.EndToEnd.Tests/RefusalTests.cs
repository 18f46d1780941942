using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Every refusal, of Servo, of the framework and of the server itself, says the same things to its caller and to the operator.</summary>
public sealed class RefusalTests(RefusalTests.Host host) : IClassFixture<RefusalTests.Host>
{
    private const string Post = "POST /run/a.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

    public static TheoryData<string, int, string> Refusals => new()
    {
        { "GARBAGE\r\n\r\n", 400, "malformed" },
        { "PO ST / HTTP/1.1\r\n\r\n", 400, "malformed" },
        { "POST /run/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed" },
        { "POST /run/a.py HTTP/1.1\r\n\r\n", 400, "malformed" },
        { "POST /run/a.py HTTP/9.9\r\nHost: x\r\n\r\n", 505, "http-version-not-supported" },
        { $"POST /run/{new string('x', 20_000)} HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri-too-long" },
        { $"{Post}X-Var-Author: M\u00fcller\r\n\r\n", 400, "malformed" },
        { $"{Post}X-Var-A: a\0b\r\n\r\n", 400, "malformed" },
        { $"{Post}X-Var A: a\r\n\r\n", 400, "malformed" },
        { $"{Post}X-Var-Long: {new string('x', 40_000)}\r\n\r\n", 431, "headers-too-large" },
        { $"{Post}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-Var-V{i}: x\r\n"))}\r\n", 431, "headers-too-large" },
        { $"{Post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400, "malformed" },
        { $"{Post}Transfer-Encoding: nonsense\r\n\r\n", 400, "malformed" },
        { $"{Post}X-Signature: sha1={new string('0', 40)}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400, "malformed" },
        { $"{Post}X-Signature: sha1={new string('0', 40)}\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", 400, "malformed" },
        { $"{Post}X-Signature: sha1={new string('0', 40)}\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\nabc\r\n0\r\n\r\n", 400, "malformed" },
        { $"{Post}\r\n", 403, "bad-signature" },
        { $"{Post}X-Signature: sha1={new string('0', 40)}\r\nX-Var-OPENSSL-CONF: x\r\n\r\n", 400, "malformed" },
        { "PUT /run/a.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "method-not-allowed" },
        { "POST /ran/a.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "not-found" },
        { "POST /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", 404, "not-found" },
        { "POST /run/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 404, "not-found" },
        { "PUT /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", 405, "method-not-allowed" },
        { $"POST /callback/{new string('k', 32)}/report.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "unknown-callback" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Is_a_problem_document_whose_id_and_caller_are_in_the_log(string request, int status, string kind)
    {
        var (answer, port) = await SendAsync(request);

        answer.Split("HTTP/1.1 ").Length.ShouldBe(2, answer);
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        Header(answer, "Content-Type").ShouldBe("application/problem+json");
        var body = Body(answer);
        Header(answer, "Content-Length").ShouldBe(Encoding.UTF8.GetByteCount(body).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var problem = JsonDocument.Parse(body).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("kind").GetString().ShouldBe(kind);
        var detail = problem.GetProperty("detail").GetString()!;
        detail.Length.ShouldBeGreaterThan(15);
        detail.ShouldEndWith(".");

        var line = await host.LineAsync(problem.GetProperty("traceId").GetString()!);
        line.ShouldContain($" of 127.0.0.1:{port} with {status} {kind}: {detail}");
        line.ShouldNotContain(new string('k', 32));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Is_its_sentence_for_who_accepts_text_alone(string request, int status, string kind)
    {
        var asText = request.Replace("Host: x\r\n", "Host: x\r\nAccept: text/plain\r\n", StringComparison.Ordinal);
        var (answer, port) = await SendAsync(asText);

        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        var sentence = Body(answer);

        if (asText == request || status is 505 or 414 || request.Contains("%00", StringComparison.Ordinal))
            return; // what the caller accepts was not read

        Header(answer, "Content-Type").ShouldBe("text/plain; charset=utf-8");
        sentence.ShouldEndWith(".");
        sentence.Length.ShouldBeInRange(15, 400);
        (await host.LineAsync($"127.0.0.1:{port} with {status} {kind}")).ShouldContain(sentence);
    }

    [Theory]
    [InlineData("POST /run/a.py", "Content-Length: 100\r\n\r\nabc", 400, "malformed: Unexpected end")]
    [InlineData("POST /run/a.py", "Transfer-Encoding: chunked\r\n\r\n30\r\nabc", 400, "malformed: Unexpected end")]
    [InlineData("POST /run/a.py", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n", 400, "malformed: Bad chunk size")]
    [InlineData("POST /callback/none", "Content-Length: 100\r\n\r\nabc", 404, "unknown-callback")]
    [InlineData("POST /nothing", "Content-Length: 100\r\n\r\nabc", 404, "not-found")]
    public async Task A_caller_that_ends_in_the_middle_of_a_body_is_answered_once_and_leaves_one_line(string request, string rest, int status, string kind)
    {
        var (answer, port) = await SendAsync($"{request} HTTP/1.1\r\nHost: x\r\nX-Signature: sha1={new string('0', 40)}\r\n{rest}", ends: true);

        answer.Split("HTTP/1.1 ").Length.ShouldBe(2, answer);
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        (await LinesOfAsync(port)).ShouldHaveSingleItem().ShouldContain($"with {status} {kind}");
    }

    [Fact]
    public async Task A_request_that_ends_together_with_its_connection_is_whole()
    {
        var (answer, port) = await SendAsync("PUT /health HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", ends: true);

        answer.Split("HTTP/1.1 ").Length.ShouldBe(2, answer);
        answer.ShouldStartWith("HTTP/1.1 405 ");
        (await LinesOfAsync(port)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_comes_behind_a_refusal_is_no_request()
    {
        using var socket = new TcpClient();
        var uri = new Uri(host.Gateway.Url);
        await socket.ConnectAsync(uri.Host, uri.Port, TestContext.Current.CancellationToken);
        var port = ((System.Net.IPEndPoint)socket.Client.LocalEndPoint!).Port;
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /health HTTP/1.1\r\n\r\n", 2000)));

        await Should.ThrowAsync<IOException>(async () =>
        {
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /run/a.py HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n"));

            while (true)
                await stream.WriteAsync(body, TestContext.Current.CancellationToken);
        });

        (await LinesOfAsync(port)).ShouldHaveSingleItem().ShouldContain("with 403 bad-signature");
    }

    [Fact]
    public async Task What_a_caller_writes_into_a_name_does_not_act_in_the_log()
    {
        var (answer, _) = await SendAsync($"POST /run/a%1b%5B2J%0d%0a2026%e2%80%aex.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var line = await host.LineAsync(JsonDocument.Parse(Body(answer)).RootElement.GetProperty("traceId").GetString()!);

        line.ShouldContain(@"POST /run/a\u001b[2J\r\n2026\u202ex.py of ");
        host.Gateway.Log.ShouldAllBe(c => c == '\n' || !char.IsControl(c));
    }

    [Fact]
    public async Task A_run_is_logged_with_its_id_its_scripts_and_its_caller_whatever_its_scripts_are_called()
    {
        using var caller = new Caller(host.Gateway).With("a\u001b[2J.py", "print('ran')");

        var answer = await caller.RunAsync("a%1b%5B2J.py");

        answer.Ok.ShouldBeTrue(answer.Body);
        var line = await host.LineAsync($@"{answer.Json.GetProperty("id").GetString()} of a\u001b[2J.py succeeded");
        line.ShouldContain(" uploaded by 127.0.0.1:");
    }

    [Fact]
    public async Task A_second_request_on_a_connection_is_refused_after_the_first_was_answered()
    {
        var (answer, _) = await SendAsync("GET /health HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 200 OK");
        answer.ShouldContain("alive");
        answer.ShouldContain("HTTP/1.1 400 Bad Request");
        answer.ShouldContain("\"kind\":\"malformed\"");
    }

    [Fact]
    public async Task The_portals_socket_refuses_in_the_same_form()
    {
        using var caller = new Caller(host.Gateway).With("a.py", """
            import os, socket
            def send(request):
                link = socket.socket(socket.AF_UNIX)
                link.connect(os.environ['SERVO_PORTAL_SOCKET'])
                link.sendall(request)
                answer = b''
                while True:
                    more = link.recv(65536)
                    if not more: return answer.decode().replace('\r\n', ' ')
                    answer += more
            print(send(b'GARBAGE\r\n\r\n'))
            print(send(b'POST /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))
            print(send(b'GET /shell HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))
            print(send(b'POST /shell HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))
            """);

        var answer = await caller.RunAsync("a.py");

        answer.LogAfterVariables.Take(4).Select(line => (line.Split(' ')[1], KindIn(line)))
            .ShouldBe([("400", "malformed"), ("404", "not-found"), ("405", "method-not-allowed"), ("401", "unknown-run")]);
        await host.LineAsync("POST /shell of a Unix socket with 401 unknown-run");
    }

    [Fact]
    public async Task A_name_that_the_host_does_not_go_by_is_refused_in_the_same_form()
    {
        await using var gateway = await Gateway.StartAsync(("AllowedHosts", "servo.example"));
        using var http = new HttpClient();

        var answer = await http.GetAsync($"{gateway.Url}/health");

        ((int)answer.StatusCode).ShouldBe(400);
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("kind").GetString().ShouldBe("malformed");
    }

    /// <summary>All that the log has of a caller, once a line of another shows that there is no more to come.</summary>
    private async Task<string[]> LinesOfAsync(int port)
    {
        var (answer, _) = await SendAsync("GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await host.LineAsync(JsonDocument.Parse(Body(answer)).RootElement.GetProperty("traceId").GetString()!);
        return [.. host.Gateway.Log.Split('\n').Where(line => line.Contains($"127.0.0.1:{port} ", StringComparison.Ordinal))];
    }

    /// <summary>Sends bytes as they are and returns all that comes back, with the port that they came from.</summary>
    private async Task<(string Answer, int Port)> SendAsync(string request, bool ends = false)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new TcpClient();
        var uri = new Uri(host.Gateway.Url);
        await socket.ConnectAsync(uri.Host, uri.Port, limit.Token);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), limit.Token);

        if (ends)
            socket.Client.Shutdown(SocketShutdown.Send);

        using var reader = new StreamReader(stream, Encoding.UTF8);

        return (await reader.ReadToEndAsync(limit.Token), ((System.Net.IPEndPoint)socket.Client.LocalEndPoint!).Port);
    }

    private static string? KindIn(string line) =>
        JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("kind").GetString();

    private static string Header(string answer, string name) =>
        answer.Split("\r\n").Single(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))[(name.Length + 2)..];

    private static string Body(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    /// <summary>The host, for all tests of the class.</summary>
    public sealed class Host : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();

        /// <summary>The log's line that holds this text; the console is written behind the answer's back.</summary>
        public async Task<string> LineAsync(string text)
        {
            for (var i = 0; i < 300; i++)
            {
                if (Gateway.Log.Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                    return line;

                await Task.Delay(100);
            }

            throw new InvalidOperationException($"The log has no line with '{text}':\n{Gateway.Log}");
        }
    }
}
