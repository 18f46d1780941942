using System.Net;
using System.Net.Sockets;
using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>What namespaces add, and what a script in them keeps: its output, its end, its time to heed a signal.</summary>
public sealed class BubblewrapTests : IDisposable
{
    private readonly TempDirectory _elsewhere = new();

    public void Dispose() => _elsewhere.Dispose();

    [Fact]
    public async Task A_script_sees_its_own_processes_and_its_own_folder_for_temporary_files()
    {
        await using var there = await StartAsync();
        var name = Path.GetFileName(_elsewhere.Path);

        var lines = await there.RunAsync($"""
            import os
            print(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))
            print(os.listdir('/tmp'), os.listdir('/dev/shm'))
            open('/tmp/{name}-mine', 'w').close(); open('/dev/shm/{name}-mine', 'w').close()
            print(os.listdir('/tmp'))
            """);

        lines.ShouldBe(["[1, 2]", "[] []", $"['{name}-mine']"]);
        File.Exists($"/tmp/{name}-mine").ShouldBeFalse();
        File.Exists($"/dev/shm/{name}-mine").ShouldBeFalse();
        (await there.RunAsync("import os; print(os.listdir('/tmp'))")).ShouldBe(["[]"]);
    }

    [Fact]
    public async Task The_way_to_its_own_folder_shows_nothing_beside_it_and_takes_nothing()
    {
        await using var there = await StartAsync();

        (await there.RunAsync($"""
            import os
            print(os.listdir('{there.Runtime.Runs}') == ['{Path.GetFileName(Path.GetDirectoryName(there.Own.BundleDirectory))}'])
            for folder in '/', '{there.Runtime.Runs}', '/usr', '/etc':
                try: os.mkdir(folder + '/servo-test')
                except OSError as e: print(e.strerror)
            """)).ShouldBe(["True", .. Enumerable.Repeat("Read-only file system", 4)]);
    }

    [Fact]
    public async Task What_has_no_right_in_Landlock_is_not_there_either()
    {
        await using var there = await StartAsync();
        await using var daemon = new DaemonSocket(_elsewhere.File("socket"));
        var secret = Path.Join(there.Other.BundleDirectory, "secret");

        var lines = await there.RunAsync($"""
            import os, resource, socket
            def absent(call, *arguments):
                try: call(*arguments)
                except (FileNotFoundError, ProcessLookupError): return True
            print([absent(os.stat, '{secret}'), absent(os.chmod, '{secret}', 0o666), absent(os.chown, '{secret}', 0, 0), absent(os.utime, '{secret}')])
            print(absent(socket.socket(socket.AF_UNIX).connect, '{_elsewhere.File("socket")}'))
            print([absent(os.kill, {there.Process}, 0), absent(os.getpriority, os.PRIO_PROCESS, {there.Process})])
            print(os.path.exists('/proc/{there.Process}'), len(open('/proc/net/unix').readlines()) > 0)
            """);

        lines.ShouldBe(["[True, True, True, True]", "True", "[True, True]", "False True"]);
    }

    [Fact]
    public async Task What_root_changes_the_machine_by_is_closed()
    {
        Superuser.Require();
        await using var there = await StartAsync();

        (await there.RunAsync("""
            import os
            for folder, folders, files in os.walk('/proc'):
                if folder == '/proc':
                    # What everybody may write of pressure are wishes to be told of it.
                    folders[:] = [name for name in folders if not name.isdigit() and name not in ('self', 'thread-self', 'pressure')]
                for name in files:
                    path = os.path.join(folder, name)
                    try: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW))
                    except OSError: continue
                    print(path)
            """)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_with_something_hidden_is_closed_although_it_may_be_written()
    {
        await using var there = await Neighbourhood.StartAsync(warm: false, ScriptSandbox.Bubblewrap, writable: ["/tmp"]);
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(there.TokenFile))!;

        (await there.AttackAsync("python", [new("create", Path.Join(folder, "new")), new("create", Path.Join(Path.GetDirectoryName(there.TokenFile)!, "new"))]))
            .ShouldAllBe(outcome => outcome.EndsWith(": denied Read-only file system"));
    }

    [Fact]
    public async Task Its_own_folders_take_a_gibibyte_each()
    {
        await using var there = await StartAsync();

        (await there.RunAsync("import os\nfor path in '/tmp', '/var/tmp', '/dev/shm': print(os.statvfs(path).f_blocks * os.statvfs(path).f_frsize >> 20)"))
            .ShouldBe(["1024", "1024", "1024"]);
        (await there.RunAsync("import os\ntry: os.mkdir('/dev/new')\nexcept OSError as e: print(e.strerror)")).ShouldBe(["Read-only file system"]);
    }

    [Fact]
    public async Task Shared_memory_of_the_machine_is_not_there()
    {
        var made = (await ChildProcess.RunAsync("/", "ipcmk", "-M", "100")).Trim().Split(' ')[^1];

        try
        {
            await using var open = await Neighbourhood.StartAsync(level: ScriptSandbox.None);
            await using var there = await StartAsync();
            const string count = "print(len(open('/proc/sysvipc/shm').readlines()) > 1)";

            (await open.RunAsync(count)).ShouldBe(["True"]);
            (await there.RunAsync(count)).ShouldBe(["False"]);
        }
        finally
        {
            await ChildProcess.RunAsync("/", "ipcrm", "-m", made);
        }
    }

    [Fact]
    public async Task Without_a_network_nothing_is_reached_and_with_it_the_ports_that_are_allowed()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        Attack[] attacks = [new("tcp", $"{port}")];
        await using var allowed = await StartAsync(connect: port);
        await using var denied = await StartAsync(connect: LoopbackPorts.Free());
        await using var without = await StartAsync(network: false);

        (await allowed.AttackAsync("python", attacks)).ShouldBe([$"tcp {port}: done"]);
        (await denied.AttackAsync("python", attacks)).ShouldBe([$"tcp {port}: denied Permission denied"]);
        (await without.AttackAsync("python", attacks)).Single().ShouldStartWith($"tcp {port}: denied");
        (await without.FailAsync("import socket; socket.create_connection(('192.0.2.1', 80))")).ShouldBe(
            "scripts have no network: Servo:Scripts:Network allows it");
    }

    [Theory]
    [InlineData("raise SystemExit(7)", 7)]
    [InlineData("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137)]
    [InlineData("import sys; sys.exit('words')", 1)]
    [InlineData("pass", 0)]
    public async Task A_script_s_exit_code_is_its_own(string source, int code)
    {
        await using var there = await StartAsync();

        (await there.StartAsync(source, new RecordingOutput(), CancellationToken.None)).WithoutUsage().Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_script_that_is_cancelled_has_time_to_clean_up()
    {
        await using var there = await StartAsync();
        var output = new RecordingOutput();
        using var cancellation = new CancellationTokenSource();
        var run = there.StartAsync("""
            import signal, sys, time
            def clean(*_):
                time.sleep(0.2)
                print('cleaned')
                sys.exit(0)
            signal.signal(signal.SIGTERM, clean)
            print('ready')
            time.sleep(600)
            """, output, cancellation.Token);
        await output.SeenAsync("ready");

        await cancellation.CancelAsync();

        (await run).Interrupted.ShouldBeTrue();
        output.Lines.ShouldBe(["ready", "cleaned"]);
    }

    [Fact]
    public async Task What_a_script_leaves_behind_ends_with_it_and_is_counted()
    {
        await using var there = await StartAsync();
        var output = new RecordingOutput();

        var exit = await there.StartAsync("""
            import subprocess, sys
            stays = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)'
            subprocess.Popen([sys.executable, '-c', stays], start_new_session=True)
            sum(range(3_000_000)); bytearray(64 << 20)
            """, output, CancellationToken.None);

        exit.Code.ShouldBe(0, string.Join('\n', output.Lines));
        exit.Usage.ShouldNotBeNull().PeakMemory.ShouldBeGreaterThan(64 << 20);
        exit.Usage.Cpu.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(20));
        there.IsUnharmed.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_attacks_the_process_that_keeps_the_namespaces_ends_itself_alone()
    {
        await using var there = await StartAsync();
        var output = new RecordingOutput();

        await there.StartAsync("import os, signal; os.kill(1, signal.SIGTERM); os.kill(-1, signal.SIGKILL)", output, CancellationToken.None);

        there.IsUnharmed.ShouldBeTrue();
        (await there.RunAsync("print('next')")).ShouldBe(["next"]);
    }

    [Fact]
    public async Task What_is_not_there_or_only_read_is_named_with_the_setting_that_allows_it()
    {
        var file = _elsewhere.Write("file", "");
        await using var there = await StartAsync();

        (await there.FailAsync($"open('{file}')")).ShouldBe($"{file} is out of the scripts' reach: Servo:Scripts:Readable or Servo:Scripts:Writable allows it");
        (await there.FailAsync("open('/etc/servo-test', 'w')")).ShouldBe("writing /etc/servo-test is denied to scripts: Servo:Scripts:Writable allows it");
        (await there.FailAsync("open('/no/such/file')")).ShouldBeNull();
    }

    [Fact]
    public async Task A_path_that_a_link_is_on_leads_to_what_is_allowed()
    {
        _elsewhere.Write("real/file", "read");
        var link = _elsewhere.File("link");
        File.CreateSymbolicLink(link, _elsewhere.File("real"));
        await using var there = await Neighbourhood.StartAsync(warm: false, ScriptSandbox.Bubblewrap, readable: [link]);

        (await there.RunAsync($"print(open('{link}/file').read())")).ShouldBe(["read"]);
    }

    private static Task<Neighbourhood> StartAsync(bool network = true, params IReadOnlyList<int> connect) =>
        Neighbourhood.StartAsync(warm: true, ScriptSandbox.Bubblewrap, network: network, connect: connect);
}
