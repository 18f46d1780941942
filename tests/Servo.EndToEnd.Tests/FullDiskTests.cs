using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A host whose workspaces lie on a real file system that is too small.</summary>
public sealed class FullDiskTests(FullDiskTests.SmallDisk disk) : IClassFixture<FullDiskTests.SmallDisk>, IDisposable
{
    // Takes all space that is left, to the last byte.
    private const string Fill = """
        import os, sys
        def fill():
            size = 1 << 20
            with open('filler', 'ab', 0) as filler:
                while size:
                    try:
                        filler.write(b'x' * size)
                    except OSError:
                        size //= 2

        """;

    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task What_a_run_said_is_answered_although_its_workspace_is_full(string accept)
    {
        _folder.Write("a.py", Fill + """
            print('said before')
            fill()
            for i in range(100000): print('line %d of a script that says more than is kept in memory' % i)
            print('said at the end')
            """);

        var (status, body) = await RunAsync("a.py", accept);

        status.ShouldBe(200, body);
        var lines = accept == "text/plain" ? body.Split('\n') : LogOf(body);
        var said = lines[(Array.IndexOf(lines, "said before") + 1)..^2];
        said.Length.ShouldBe(100_000);
        for (var i = 0; i < said.Length; i++)
            said[i].ShouldBe($"line {i} of a script that says more than is kept in memory");
        lines[^2].ShouldBe("said at the end");
        lines[^1].ShouldStartWith("a.py ran in ");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task What_a_run_said_is_answered_as_far_as_its_log_could_be_kept_and_no_further_run_is_taken(string accept)
    {
        await using var gateway = await Gateway.StartOnSmallStateAsync("size=6m");
        _folder.Write("a.py", """
            for i in range(300000): print('line %d of a script that says more than the disk can keep' % i)
            """);
        _folder.Write("b.py", "print('ran')");

        var (status, body) = await RunAsync("a.py", accept, gateway: gateway);
        // More than what is left after a log that did not fit.
        await File.WriteAllBytesAsync(_folder.File("data"), RandomNumberGenerator.GetBytes(2_000_000), TestContext.Current.CancellationToken);
        var next = await RunAsync("b.py", accept, gateway: gateway, detached: true);

        status.ShouldBe(200, body);
        var lines = accept == "text/plain" ? body.Split('\n') : LogOf(body);
        var said = lines[2..^2];
        said.Length.ShouldBeGreaterThan(500);
        for (var i = 0; i < said.Length - 1; i++)
            said[i].ShouldBe($"line {i} of a script that says more than the disk can keep");
        lines[^2].ShouldMatch(@"^output past \d+ bytes could not be kept \(the gateway's disk is full\)$");
        lines[^1].ShouldStartWith("a.py ran in ");
        next.Status.ShouldBe(503, next.Body);
        next.Body.ShouldContain("the disk under Servo:State:Root is full");
    }

    [Fact]
    public async Task Runs_can_be_cancelled_although_nothing_more_can_be_kept()
    {
        await using var gateway = await Gateway.StartOnSmallStateAsync("size=4m");
        using var api = new RunsApi(gateway);
        var fills = await api.PostDetachedAsync(Fill + $"""
            import time
            while not os.path.exists('{_folder.File("go")}'): time.sleep(.02)
            os.chdir(next(mount.split()[1] for mount in open('/proc/self/mounts') if mount.split()[1].endswith('/servo')))
            fill()
            open('{_folder.File("full")}', 'w').close()
            time.sleep(600)
            """, ("X-Lock", "one"));
        var waiting = new List<string>();

        for (var i = 0; i < 10; i++)
            waiting.Add(await api.PostDetachedAsync("print('never')", ("X-Lock", "one"), ("X-Var-Number", $"{i}")));

        _folder.Write("go", "");
        await RunsApi.HoldsAsync(() => Task.FromResult(File.Exists(_folder.File("full"))), "a full disk");

        foreach (var id in (string[])[.. waiting, fills])
        {
            var cancelled = await api.CancelAsync(id);
            cancelled.TryGetProperty("state", out var state).ShouldBeTrue($"{cancelled}");
            state.GetString().ShouldBe("cancelled");
        }
    }

    [Fact]
    public async Task A_host_that_could_not_keep_the_end_of_a_run_is_not_ready_and_takes_none()
    {
        await using var gateway = await Gateway.StartOnSmallStateAsync("size=500k");
        _folder.Write("a.py", "print('ran')");

        using var ready = await _http.GetAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken);
        var (status, body) = await RunAsync("a.py", gateway: gateway);

        ((int)ready.StatusCode).ShouldBe(503);
        (await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .ShouldContain("Runs cannot be kept below Servo:State:Root: the disk is full");
        status.ShouldBe(503, body);
        body.ShouldContain("state-full");
    }

    [Theory]
    [InlineData("until rm -rf state; do :; done")]
    [InlineData("until rm -rf state; do :; done; mkdir -m 700 state")]
    [InlineData("mv state moved")]
    [InlineData("until rm -rf state/*; do :; done")]
    public async Task Where_the_folder_of_runs_is_gone_no_run_is_taken_that_nobody_would_find_again(string command)
    {
        await using var gateway = await Gateway.StartAsync(("Servo__State__Root", _folder.File("kept/state")));
        _folder.Write("a.py", "print('ran')");
        (await RunAsync("a.py", gateway: gateway)).Status.ShouldBe(200);

        await ChildProcess.RunAsync(_folder.File("kept"), "sh", "-c", command);

        foreach (var detached in new[] { false, true })
        {
            var (status, body) = await RunAsync("a.py", gateway: gateway, detached: detached);
            status.ShouldBe(503, body);
            JsonDocument.Parse(body).RootElement.GetProperty("kind").GetString().ShouldBe("state-full");
            body.ShouldContain("the folder under Servo:State:Root was deleted or replaced");
        }

        gateway.Log.ShouldContain($"No run is accepted: The folder '{_folder.File("kept/state")}', in which runs are kept, was deleted or replaced");
        await RunsApi.HoldsAsync(async () => (int)(await _http.GetAsync($"{gateway.Url}/ready")).StatusCode == 503, "a host that is not ready");
        (await gateway.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_upload_that_does_not_fit_is_refused_with_the_reason()
    {
        _folder.Write("a.py", "print('ran')");
        await File.WriteAllBytesAsync(_folder.File("data"), RandomNumberGenerator.GetBytes(8_000_000), TestContext.Current.CancellationToken);

        var (status, body) = await RunAsync("a.py");

        status.ShouldBe(507, body);
        JsonDocument.Parse(body).RootElement.GetProperty("kind").GetString().ShouldBe("no-space");
        JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString()!.ShouldContain("disk is full");
        await disk.Gateway.LogsAsync("VerifyUpload failed because the disk is full: No space left on device");
    }

    [Theory]
    [InlineData("application/json", 200)]
    [InlineData("text/plain", 412)]
    public async Task A_bundle_that_does_not_fit_fails_its_run_whose_log_is_kept(string accept, int expected)
    {
        _folder.Write("a.py", "print('ran')");
        await File.WriteAllBytesAsync(_folder.File("data"), RandomNumberGenerator.GetBytes(4_000_000), TestContext.Current.CancellationToken);

        var (status, body) = await RunAsync("a.py", accept);

        status.ShouldBe(expected, body);
        body.ShouldContain("$CALLBACK = ");
        body.ShouldContain("failure (the gateway's disk is full; its operator must make room)");
        if (accept == "application/json")
            JsonDocument.Parse(body).RootElement.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("no-space");
    }

    [Fact]
    public async Task Whoever_sends_something_while_the_disk_is_full_is_told_so_and_the_run_goes_on()
    {
        _folder.Write("inner/a.py", "print('ran')");
        await ChildProcess.RunAsync(_folder.Path, "tar", "czf", "inner.tgz", "-C", "inner", ".");
        _folder.Write("a.py", Fill + """
            import http.client, json, socket, urllib.parse
            fill()
            callback = urllib.parse.urlsplit(os.environ['CALLBACK'])

            def post(connection, path, body, headers={}, chunked=False):
                connection.request('POST', path, body, headers, encode_chunked=chunked)
                answer = connection.getresponse()
                text = answer.read()
                print(path.split('/')[1], answer.status, json.loads(text).get('kind'))

            def gateway():
                return http.client.HTTPConnection(callback.hostname, callback.port)

            def portal():
                connection = http.client.HTTPConnection('servo')
                connection.sock = socket.socket(socket.AF_UNIX)
                connection.sock.connect(os.environ['SERVO_PORTAL_SOCKET'])
                return connection

            signature = {'X-Signature': os.environ['INNER']}
            post(gateway(), '/run/a.py', open('inner.tgz', 'rb').read(), signature)
            post(gateway(), callback.path + '/report', b'x' * 100000)
            command = {'Authorization': 'Bearer ' + os.environ['SERVO_RUN_TOKEN'], 'X-Shell': 'deploy x',
                       'Content-Type': 'multipart/form-data; boundary=x', 'Transfer-Encoding': 'chunked'}
            post(portal(), '/shell', iter([b'x' * 100000]), command, True)
            """);

        var (_, body) = await RunAsync("a.py", variable: Sign(await File.ReadAllBytesAsync(_folder.File("inner.tgz"), TestContext.Current.CancellationToken)));

        JsonDocument.Parse(body).RootElement.GetProperty("ok").GetBoolean().ShouldBeTrue(body);
        LogOf(body)[2..^1].ShouldBe(["run 507 no-space", "callback 507 no-space", "shell 507 no-space"]);
    }

    [Fact]
    public async Task A_run_for_which_no_workspace_can_be_made_is_refused_with_the_reason()
    {
        _folder.Write("inner/a.py", "print('ran')");
        await ChildProcess.RunAsync(_folder.Path, "tar", "czf", "inner.tgz", "-C", "inner", ".");
        _folder.Write("a.py", """
            import http.client, os, urllib.parse
            inner = open('inner.tgz', 'rb').read()
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ['CALLBACK']).netloc)
            try:
                while True: os.mkdir('%d' % len(os.listdir()))
            except OSError:
                pass
            connection.request('POST', '/run/a.py', inner, {'X-Signature': os.environ['INNER']})
            answer = connection.getresponse()
            print(answer.status, answer.read().decode())
            """);

        var (_, body) = await RunAsync("a.py", variable: Sign(await File.ReadAllBytesAsync(_folder.File("inner.tgz"), TestContext.Current.CancellationToken)));

        var line = LogOf(body)[2];
        line.ShouldStartWith("507 ", customMessage: body);
        line.ShouldContain("\"kind\":\"no-space\"");
    }

    private async Task<(int Status, string Body)> RunAsync(string script, string accept = "application/json", string variable = "none", Gateway? gateway = null, bool detached = false)
    {
        using var outbox = new TempDirectory();
        await ChildProcess.RunAsync(_folder.Path, "tar", "czf", outbox.File("x.tgz"), ".");
        var archive = await File.ReadAllBytesAsync(outbox.File("x.tgz"), TestContext.Current.CancellationToken);

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{(gateway ?? disk.Gateway).Url}/run/{script}") { Content = new ByteArrayContent(archive) };
        request.Headers.Add("Accept", accept);
        request.Headers.Add("X-Signature", Sign(archive));
        request.Headers.Add("X-Var-Inner", variable);

        if (detached)
            request.Headers.Add("Prefer", "respond-async");

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string[] LogOf(string body) =>
        [.. JsonDocument.Parse(body).RootElement.GetProperty("log").EnumerateArray().Select(line => line.GetString()!)];

    private static string Sign(byte[] archive) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Gateway.Token), archive));

    /// <summary>The host, and a portal that it forwards to.</summary>
    public sealed class SmallDisk : IAsyncLifetime
    {
        private PortalServer _portal = null!;

        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            _portal = await PortalServer.StartAsync();
            Gateway = await Gateway.StartOnSmallDiskAsync("size=6m,nr_inodes=400", ("Servo__Portal__Url", _portal.Url.ToString()));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _portal.DisposeAsync();
        }
    }
}
