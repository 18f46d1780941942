using System.Diagnostics;
using System.Net;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A host under a small RLIMIT_NOFILE, and callers and scripts that open more than it has.</summary>
public sealed class OpenFilesTests
{
    private const int Limit = 600;

    private static readonly (string, string)[] _twoRuns = [("Servo__Runs__MaxConcurrent", "2"), ("Servo__Portal__Mode", "Embedded")];

    public static TheoryData<string> Openings => new()
    {
        "",
        "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow",
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        ForgedUploads.Upload,
        ForgedUploads.SmallUpload,
    };

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Connections_that_only_stay_open_keep_nobody_out_and_harm_no_run(string opening)
    {
        await using var gateway = await Gateway.StartAsync(Limit, _twoRuns);
        using var caller = new Caller(gateway)
            .With("long.py", "import os, time\nopen('up', 'w').close()\nwhile not os.path.exists('../go'): time.sleep(0.01)\nprint('done')")
            .With("short.py", "print('ran')");
        using var http = new HttpClient();
        var run = caller.RunAsync("long.py");
        await Eventually.HoldsAsync(() => gateway.Workspaces.Any(workspace => File.Exists(Path.Join(workspace, "bundle/up"))), gateway.RuntimeDirectory);
        var workspace = gateway.Workspaces.Single();

        using var forged = await new ForgedUploads(gateway).SendAsync(Limit + 100, opening);

        (await caller.RunAsync("short.py")).LogAfterVariables.ShouldContain("ran");
        (await http.GetAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.OpenFiles.ShouldBeLessThan(Limit);
        gateway.Log.ShouldNotContain("Too many open files");
        await File.WriteAllTextAsync(Path.Join(workspace, "go"), "", TestContext.Current.CancellationToken);
        (await run).LogAfterVariables.ShouldContain("done");

        var start = Stopwatch.GetTimestamp();
        (await gateway.StopAsync()).ShouldBe(0);
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        gateway.Log.ShouldContain($"RLIMIT_NOFILE is {Limit}");
    }

    [Fact]
    public async Task A_script_that_opens_the_portals_socket_again_and_again_harms_no_other_run()
    {
        await using var gateway = await Gateway.StartAsync(Limit, _twoRuns);
        using var caller = new Caller(gateway)
            .With("greedy.py", """
                import os, socket
                open('up', 'w').close()
                head = 'POST /shell HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nX-Shell: ls\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n'
                connections, count = [], 0
                while not os.path.exists('../go'):
                    connection = socket.socket(socket.AF_UNIX)
                    connection.settimeout(5)
                    try:
                        connection.connect(os.environ['SERVO_PORTAL_SOCKET'])
                        if count % 2:
                            connection.sendall((head % os.environ['SERVO_RUN_TOKEN']).encode())
                    except OSError:
                        pass
                    connections.append(connection)
                    count += 1
                    if len(connections) > 300:
                        connections.pop(0).close()
                print('opened' if count > 500 else count)
                """)
            .With("modest.py", """
                from servo import servo
                with servo(strict=True, verbose=False) as proxy:
                    for _ in range(10): proxy('ls')
                print('answered')
                """);
        var greedy = caller.RunAsync("greedy.py");
        await Eventually.HoldsAsync(() => gateway.Workspaces.Any(workspace => File.Exists(Path.Join(workspace, "bundle/up"))), gateway.RuntimeDirectory);
        var workspace = gateway.Workspaces.Single();

        for (var i = 0; i < 3; i++)
        {
            (await caller.RunAsync("modest.py")).LogAfterVariables.ShouldContain("answered");
            gateway.OpenFiles.ShouldBeLessThan(Limit);
        }

        await File.WriteAllTextAsync(Path.Join(workspace, "go"), "", TestContext.Current.CancellationToken);
        (await greedy).Ok.ShouldBeTrue();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(90)]
    [InlineData(120)]
    [InlineData(150)]
    [InlineData(255)]
    public async Task A_limit_that_is_too_small_for_the_program_is_a_sentence(int limit)
    {
        var result = await ChildProcess.TryAsync("/", "sh", "-c", $"ulimit -n {limit}; exec dotnet {Gateway.HostAssembly} --urls http://127.0.0.1:0");

        result.ExitCode.ShouldBe(1, result.Error);
        result.Error.ShouldMatch($@"^Servo cannot start: RLIMIT_NOFILE is {limit}, [^\n]+\.\n$");
    }

    [Fact]
    public async Task A_limit_that_is_too_small_for_the_runs_is_refused_at_the_start()
    {
        using var folder = new TempDirectory();
        var result = await ChildProcess.TryAsync(
            folder.Path, "sh", "-c",
            $"ulimit -n 500; Servo__Runs__MaxConcurrent=50 exec dotnet {Gateway.HostAssembly} --urls http://127.0.0.1:0");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("RLIMIT_NOFILE is 500: Servo:Runs:MaxConcurrent=50 needs at least 1048 open files");
    }
}
