using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A published host and its scripts' sandbox, as root and as a plain user: what is the host's own is out of reach, and what holds is told.</summary>
public sealed class IsolationTests : IDisposable
{
    private const string Tries = """
        import json, os, sys
        def tries(name, call, *arguments):
            try:
                call(*arguments)
                print(name, 'done')
            except OSError as e:
                print(name, 'denied' if e.errno in (1, 13, 18) else e)
        places = json.loads(os.environ['PLACES'])
        for file in places['files']:
            tries('read ' + file, open, file)
            tries('write ' + file, open, file, 'ab')
            tries('link ' + file, os.link, file, 'link')
        for folder in places['folders']:
            tries('list ' + folder, os.listdir, folder)
            tries('create in ' + folder, os.open, folder + '/servo-test', os.O_CREAT | os.O_WRONLY)
        pid = str(os.getppid())  # then the fork server, and the host
        for _ in range(3):
            above = open('/proc/%s/stat' % pid).read().rpartition(')')[2].split()[1]
            for part in ('environ', 'maps', 'mem', 'root/etc/passwd', 'cwd/.', 'fd/0'):
                tries('read %s %s' % (part, pid), os.open, '/proc/%s/%s' % (pid, part), os.O_RDONLY)
            tries('signal %s' % pid, os.kill, int(pid), 0)
            pid = above
        """;

    private readonly TempDirectory _folder = TempDirectory.ForGateway();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _folder.Dispose();
        _http.Dispose();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task The_host_s_files_and_processes_are_out_of_reach(bool root, bool warm)
    {
        var token = _folder.Write("etc/token", Gateway.Token);
        var state = _folder.File("kept/state/x")[..^2];
        (string, string)[] settings =
        [
            ("Servo__Token", ""), ("Servo__TokenFile", token), ("Servo__State__Root", state), ("Servo__Scripts__Warm", warm ? "true" : "false"),
        ];

        if (Environment.IsPrivilegedProcess && !root)
            await ChildProcess.RunAsync("/", "chown", "-R", $"{Superuser.OtherUser}", _folder.Path);

        await using var gateway = root ? await Gateway.StartAsync(settings) : await Gateway.StartUnprivilegedAsync(settings);
        var program = Path.GetDirectoryName(Gateway.HostAssembly)!;
        var places = JsonSerializer.Serialize(new
        {
            files = (string[])[token, Path.Join(program, "appsettings.json"), Gateway.HostAssembly, Path.Join(state, "runs.db")],
            folders = (string[])[program, state, gateway.RuntimeDirectory, Path.Join(gateway.RuntimeDirectory, "runs")],
        });
        using var caller = new Caller(gateway).With("tries.py", Tries);

        var answer = await caller.RunAsync("tries.py", "-H", $"X-Var-Places: {places}");

        answer.Ok.ShouldBeTrue(answer.Body);
        var lines = answer.LogAfterVariables.Where(line => line.EndsWith(" done") || line.EndsWith(" denied")).ToList();
        lines.Count.ShouldBe((4 * 3) + (4 * 2) + (3 * 7), answer.Body);
        lines.ShouldAllBe(line => line.EndsWith(" denied"));
        lines.ShouldContain($"signal {gateway.ProcessId} denied");
    }

    [Fact]
    public async Task What_holds_is_told_to_the_operator()
    {
        await using var gateway = await Gateway.StartAsync();

        (await _http.GetStringAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).ShouldStartWith(
            """{"status":"ready","sandbox":"Neighbours, by Landlock """);
        gateway.Log.ShouldContain("Scripts reach their own run and no other (Landlock ");
    }

    [Theory]
    [InlineData(444, 38)]
    [InlineData(445, 1)]
    [InlineData(446, 1)]
    public async Task A_kernel_that_cannot_do_it_or_not_all_of_it_is_told_of_and_runs_scripts(int firstRefusedCall, int error)
    {
        await using var gateway = await Gateway.StartWithoutLandlockAsync(firstRefusedCall, error);
        using var caller = new Caller(gateway).With("a.py", "print('ran')");

        (await caller.RunAsync("a.py")).LogAfterVariables[0].ShouldBe("ran");

        (await _http.GetStringAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).ShouldBe(
            """{"status":"ready","sandbox":"None: no Landlock"}""");
        gateway.Log.ShouldContain("This kernel has no Landlock 2, or a filter keeps it shut");
    }

    [Fact]
    public async Task A_kernel_that_cannot_do_what_is_set_keeps_the_host_from_starting() =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartWithoutLandlockAsync(("Servo__Scripts__Sandbox", "Neighbours")))).Message.ShouldContain(
            "Servo cannot start: Servo:Scripts:Sandbox is Neighbours, which this kernel cannot do (Landlock 2, Linux 5.19)");

    [Fact]
    public async Task A_kernel_without_Landlock_does_not_start_a_strict_host() =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartWithoutLandlockAsync(("Servo__Scripts__Sandbox", "Strict")))).Message.ShouldContain(
            "Servo cannot start: Servo:Scripts:Sandbox is Strict, which this kernel cannot do (Landlock 6, Linux 6.12; here 0)");

    [Theory]
    [InlineData(true, true, "Strict")]
    [InlineData(true, false, "Strict")]
    [InlineData(false, true, "Strict")]
    [InlineData(false, false, "Strict")]
    [InlineData(true, false, "Bubblewrap")]
    [InlineData(false, false, "Bubblewrap")]
    public async Task A_strict_host_runs_what_a_deployment_does_and_nothing_else(bool root, bool warm, string level)
    {
        var writable = _folder.File("writable/x")[..^2];
        var secret = _folder.Write("other/secret", "of the machine");
        (string, string)[] settings =
        [
            ("Servo__Scripts__Sandbox", level), ("Servo__Scripts__Writable__0", writable), ("Servo__Scripts__Readable__0", "/no/such/folder"),
            ("Servo__Scripts__Warm", warm ? "true" : "false"), ("Servo__Portal__Mode", "Embedded"),
        ];

        if (Environment.IsPrivilegedProcess && !root)
            await ChildProcess.RunAsync("/", "chown", "-R", $"{Superuser.OtherUser}", _folder.Path);

        await using var gateway = root ? await Gateway.StartAsync(settings) : await Gateway.StartUnprivilegedAsync(settings);
        using var caller = new Caller(gateway)
            .With("deploys.py", $"""
                import os, subprocess, tempfile
                from servo import servo
                with servo() as proxy: print('a command', bool(proxy('ls')))
                subprocess.check_call(['sh', '-c', 'echo written > {writable}/made'])
                print(open('{writable}/made').read().strip(), os.path.exists(tempfile.mkdtemp()))
                """)
            .With("reads.py", $"print(open('{secret}').read())");

        var deployed = await caller.RunAsync("deploys.py");
        deployed.Ok.ShouldBeTrue(deployed.Body);
        deployed.LogAfterVariables.ShouldContain("a command True");
        deployed.LogAfterVariables.ShouldContain("written True");
        var denied = (await caller.RunAsync("reads.py")).Body;
        denied.ShouldContain(level == "Strict"
            ? "PermissionError: [Errno 13] Permission denied: "
            : "FileNotFoundError: [Errno 2] No such file or directory: ");
        denied.ShouldContain($"{secret} is out of the scripts' reach: Servo:Scripts:Readable or Servo:Scripts:Writable allows it");

        (await _http.GetStringAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).ShouldMatch(
            level == "Strict"
                ? """^\{"status":"ready","sandbox":"Strict, by Landlock \d+ and seccomp"\}$"""
                : """^\{"status":"ready","sandbox":"Bubblewrap, by namespaces, Landlock \d+ and seccomp"\}$""");
        gateway.Log.ShouldContain("Scripts reach their own run, read the system, and write and connect to what is allowed to them");
    }

    [Theory]
    [InlineData("Servo__Scripts__Writable__0", "relative", "Servo:Scripts:Writable: 'relative' is not an absolute path.")]
    [InlineData("Servo__Scripts__Connect__0", "70000", "Servo:Scripts:Connect: '70000' is not a port: name numbers from 1 to 65535.")]
    [InlineData("Servo__Scripts__Connect__0", "443,https", "Servo:Scripts:Connect: 'https' is not a port")]
    [InlineData("Servo__Scripts__Cgroup", "servo", "Servo:Scripts:Cgroup: 'servo' is not an absolute path.")]
    [InlineData("Servo__Scripts__Cgroup", "/tmp", "Servo:Scripts:Cgroup: '/tmp' is not a cgroup of version 2 (cgroups(7)): name the folder of the one that ")]
    [InlineData("Servo__Scripts__CpuWeight", "10001", "Servo:Scripts:CpuWeight must be between 1 and 10000.")]
    [InlineData("Servo__Scripts__MaxMemoryBytes", "100000", "Servo:Scripts:MaxMemoryBytes must be at least 1048576.")]
    [InlineData("Servo__Scripts__MaxMemoryBytes", "100000000",
        "Servo:Scripts:MaxMemoryBytes has an effect only where each run has a cgroup of its own: set Servo:Scripts:Cgroup, or remove it.")]
    [InlineData("Servo__Scripts__MaxProcesses", "10", "Servo:Scripts:MaxProcesses has an effect only where each run has a user or a cgroup of its own")]
    public async Task What_is_allowed_has_to_be_understood(string name, string value, string message) =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartAsync(("Servo__Scripts__Sandbox", "Strict"), (name, value)))).Message.ShouldContain(message);

    [Fact]
    public async Task What_is_allowed_at_a_level_that_does_not_ask_keeps_the_host_from_starting() =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartAsync(("Servo__Scripts__Connect__0", "443")))).Message.ShouldContain(
            "have an effect only where Servo:Scripts:Sandbox is Strict or Bubblewrap: set that, or remove them.");

    [Fact]
    public async Task Without_a_network_the_portal_is_all_that_a_script_reaches()
    {
        await using var gateway = await Gateway.StartAsync(
            ("Servo__Scripts__Sandbox", "Bubblewrap"), ("Servo__Scripts__Network", "false"), ("Servo__Portal__Mode", "Embedded"));
        using var caller = new Caller(gateway).With("a.py", """
            import os, urllib.request
            from servo import servo
            with servo() as proxy: print('a command', bool(proxy('ls')))
            try: urllib.request.urlopen(os.environ['GATEWAY'] + '/health')
            except OSError as e: print('denied')
            """);

        var answer = await caller.RunAsync("a.py", "-H", $"X-Var-Gateway: {gateway.Url}");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables.ShouldContain("a command True");
        answer.LogAfterVariables.ShouldContain("denied");
    }

    [Fact]
    public async Task A_machine_without_bubblewrap_does_not_start_such_a_host()
    {
        // The runtime alone, where programs are looked for.
        var dotnet = (await ChildProcess.RunAsync("/", "sh", "-c", "readlink -f $(which dotnet)")).Trim();
        Directory.CreateSymbolicLink(_folder.File("bin"), Path.GetDirectoryName(dotnet)!);
        (await Should.ThrowAsync<InvalidOperationException>(
            Gateway.StartAsync(("Servo__Scripts__Sandbox", "Bubblewrap"), ("PATH", _folder.File("bin"))))).Message.ShouldContain(
            "Servo cannot start: Servo:Scripts:Sandbox is Bubblewrap, which needs the program 'bwrap': install bubblewrap, or set Strict.");

    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_machine_that_allows_no_namespaces_does_not_start_such_a_host(bool isFirst) =>
        (await Should.ThrowAsync<InvalidOperationException>(
            Gateway.StartWithoutNamespacesAsync(isFirst, ("Servo__Scripts__Sandbox", "Bubblewrap")))).Message.ShouldContain(
            "Servo cannot start: Servo:Scripts:Sandbox is Bubblewrap, which cannot be done here (bwrap: ");

    [Theory]
    [InlineData("Neighbours")]
    [InlineData("Bubblewrap")]
    public async Task The_first_process_of_a_container_runs_scripts_and_is_ready(string sandbox)
    {
        await using var gateway = await Gateway.StartAsFirstAsync(("Servo__Scripts__Sandbox", sandbox));
        using var caller = new Caller(gateway).With("a.py", "import os\nos.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '600')\nprint('ran')\n");

        for (var run = 0; run < 3; run++)
        {
            var answer = await caller.RunAsync("a.py");
            answer.Ok.ShouldBeTrue(answer.Body);
            answer.LogAfterVariables.ShouldContain("ran");
        }

        using var http = new HttpClient();
        (await http.GetAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode.ShouldBeTrue(gateway.Log);
    }

    [Fact]
    public async Task A_level_that_does_not_exist_keeps_the_host_from_starting() =>
        (await Should.ThrowAsync<InvalidOperationException>(Gateway.StartAsync(("Servo__Scripts__Sandbox", "Strictest")))).Message.ShouldContain(
            "Servo cannot start: Servo:Scripts:Sandbox must be one of Neighbours, Strict, Bubblewrap, None.");
}
