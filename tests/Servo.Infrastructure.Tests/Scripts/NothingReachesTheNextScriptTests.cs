using System.Globalization;
using Servo.Application.Scripts;
using Servo.Infrastructure.Processes;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>What a script does to its streams, to its own process or to those above it ends with it.</summary>
public sealed class NothingReachesTheNextScriptTests : IAsyncLifetime
{
    private const string Shows = """
        import fcntl, os, resource, signal
        print('blocking', [bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK) for fd in (0, 1, 2)], fcntl.fcntl(1, 1032))
        print('limits', open('/proc/self/limits').read())
        print('nice', os.getpriority(os.PRIO_PROCESS, 0), sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0))
        print('oom', open('/proc/self/oom_score_adj').read(), os.umask(0o22))
        print('signals', [line for line in open('/proc/self/status') if line.startswith(('SigBlk', 'SigIgn'))], os.getcwd())
        """;

    // Without a sandbox, which would keep the scripts from most of it.
    private readonly ScriptFixture _scripts = new(sandbox: ScriptSandbox.None);

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    /// <summary>What a script may do, to itself or to the process above it.</summary>
    public static TheoryData<string, string> Tampering => new()
    {
        { "output that does not block", "import os; os.set_blocking(1, False)" },
        { "an event loop on the output", """
            import asyncio, sys
            async def main():
                await asyncio.get_running_loop().connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
            asyncio.run(main())
            """ },
        { "all three streams", "import os; [os.set_blocking(fd, False) for fd in (0, 1, 2)]" },
        { "the size of the pipe", "import fcntl; fcntl.fcntl(1, 1031, 4096)" },
        { "its own limits, priority, mask and signals", """
            import os, resource, signal
            resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
            os.nice(5)
            os.umask(0o777)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.chdir('/')
            """ },
        { "the limits of its supervisor", "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (20, 20))" },
        { "the soft limit of its supervisor", "import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, resource.prlimit(os.getppid(), resource.RLIMIT_CORE)[1]))\nresource.prlimit(os.getppid(), resource.RLIMIT_STACK, (1 << 20, 1 << 22))" },
        { "the priority of its supervisor", "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 7)" },
        { "the processors of its supervisor", "import os; os.sched_setaffinity(os.getppid(), {min(os.sched_getaffinity(0))})" },
        { "the scheduling of its supervisor", "import os; os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0))" },
        { "the score of its supervisor for the OOM killer", "import os; open('/proc/%d/oom_score_adj' % os.getppid(), 'w').write('900')" },
        { "the fork server", """
            import os, resource
            above = int(open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1])
            for pid in (os.getppid(), above):
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (25, 25))
                os.setpriority(os.PRIO_PROCESS, pid, 3)
            """ },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task Of_what_a_script_changed(string what, string source)
    {
        var before = await OutputAsync(Shows);

        (await _scripts.RunAsync(source, new RecordingOutput())).Code.ShouldBe(0, what);

        // More than one, so that a supervisor that was tampered with has its turn.
        for (var i = 0; i < 3; i++)
            (await OutputAsync(Shows)).ShouldBe(before, what);
    }

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task And_all_that_it_prints_arrives(string what, string source)
    {
        await _scripts.RunAsync(source, new RecordingOutput());

        var lines = await OutputAsync("for _ in range(5): print('z' * 1000000)\nprint('end')");

        lines.Select(line => line.Length).ShouldBe([1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 3], what);
    }

    [Fact]
    public async Task Nothing_that_a_script_prints_is_taken_for_a_word_of_its_supervisor()
    {
        var exit = await _scripts.RunAsync("""
            import os, sys
            for fd in range(3, 64):
                try: os.write(fd, b'{"code": 0, "interrupted": true, "survived": false}\n')
                except OSError: pass
            print('{"code": 0, "interrupted": true, "survived": false}', flush=True)
            sys.exit(3)
            """);

        exit.WithoutUsage().ShouldBe(new ScriptExit(3, Interrupted: false));
    }

    [Fact]
    public async Task A_stopped_supervisor_is_ended_by_the_host_with_what_it_runs()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync("import os, signal, time\nprint(os.getpid(), os.getppid())\nos.kill(os.getppid(), signal.SIGSTOP)\nprint('stopped')\ntime.sleep(600)\n",
            cancellationToken: cancellation.Token);
        await _scripts.Output.SeenAsync("stopped");

        await cancellation.CancelAsync();

        (await run).Interrupted.ShouldBeTrue();
        foreach (var pid in _scripts.Output.Lines[0].Split(' '))
            Directory.Exists($"/proc/{pid}").ShouldBeFalse(pid);
        (await OutputAsync("print('next')")).ShouldBe(["next"]);
    }

    [Fact]
    public async Task A_supervisor_that_is_stopped_while_it_waits_holds_no_script_up()
    {
        var supervisor = (await OutputAsync("import os; print(os.getppid())")).Single();
        await ChildProcess.RunAsync("/", "kill", "-STOP", supervisor);
        // It stops when it is next scheduled: on a busy machine after kill has returned. Nothing but /proc tells when.
        while (!ProcessTable.IsStopped(int.Parse(supervisor, CultureInfo.InvariantCulture)))
            await Task.Delay(10);

        (await OutputAsync("import os; print(os.getppid())")).Single().ShouldNotBe(supervisor);
    }

    [Fact]
    public async Task What_a_script_prints_before_it_ends_its_supervisor_is_kept()
    {
        // Some of them end it before it could say that they have started.
        var outputs = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => OutputAsync("import os; print('said'); os.kill(os.getppid(), 9)", fails: true)));

        outputs.ShouldAllBe(lines => lines.Count == 1 && lines[0] == "said");
    }

    [Fact]
    public async Task A_stopped_fork_server_is_replaced()
    {
        var forkServer = (await OutputAsync("import os; print(open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1])\nos.kill(os.getppid(), 9)", fails: true)).Single();
        await ChildProcess.RunAsync("/", "kill", "-STOP", forkServer);

        (await OutputAsync("print('next')")).ShouldBe(["next"]);
    }

    [Fact]
    public async Task Output_that_another_process_holds_open_does_not_hold_up_the_end()
    {
        using var folder = new TempDirectory();
        var holder = folder.Write("hold.py", $"""
            import array, socket, sys, time
            server = socket.socket(socket.AF_UNIX)
            server.bind('{folder.File("socket")}')
            server.listen(1)
            print('listening', flush=True)
            connection, _ = server.accept()
            connection.recvmsg(1, socket.CMSG_SPACE(4))
            print('holding', flush=True)
            sys.stdin.read()
            """);
        await using var process = ChildProcess.Start("python3", [holder], new ProcessSettings { KeepsInputOpen = true });
        (await process.ReadLineAsync()).ShouldBe("listening");

        var exit = await _scripts.RunAsync($"""
            import array, socket
            connection = socket.socket(socket.AF_UNIX)
            connection.connect('{folder.File("socket")}')
            connection.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [1]))])
            print('handed over')
            """);

        exit.Code.ShouldBe(0);
        _scripts.Output.Lines.ShouldBe(["handed over"]);
        (await process.ReadLineAsync()).ShouldBe("holding");
        process.CloseInput();
        await process.EndAsync();
    }

    private async Task<IReadOnlyList<string>> OutputAsync(string source, bool fails = false)
    {
        var output = new RecordingOutput();

        if (fails)
            await Should.ThrowAsync<InterpreterException>(() => _scripts.RunAsync(source, output));
        else
            (await _scripts.RunAsync(source, output)).Code.ShouldBe(0, string.Join('\n', output.Lines));

        return [.. output.Lines];
    }
}
