using System.Diagnostics;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A published host whose processes are killed and stopped: nothing that a script started lives on, whatever died and in whatever order.</summary>
public sealed class SupervisionTests
{
    /// <summary>Prints the ids that the tests need, then stays, with a daemon that has dropped its environment and left its session.</summary>
    private const string Stays = """
        import os, sys, time
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(writer, b'%d' % os.getpid())
                os.execve('/bin/sleep', ['sleep', '600'], {})
            os._exit(0)
        daemon = int(os.read(reader, 20))
        server = open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1]
        with open('ids.tmp', 'w') as ids:
            ids.write('%s %s %s %s' % (os.getppid(), server, os.getpid(), daemon))
        os.rename('ids.tmp', 'ids')
        time.sleep(600)
        """;

    /// <summary>What is done to whom, without a pause: s is the supervisor, f the fork server, h the host.</summary>
    public static TheoryData<string> Orders => new(
        "KILL s", "KILL f", "KILL h",
        "KILL s KILL f", "KILL f KILL s", "KILL s KILL h", "KILL h KILL s", "KILL f KILL h", "KILL h KILL f",
        "STOP s KILL h", "STOP f KILL h", "STOP s KILL f", "STOP f KILL s", "STOP s TERM h", "STOP f TERM h", "STOP s STOP f TERM h", "STOP s STOP f KILL s",
        "STOP s STOP f KILL h", "STOP f STOP s KILL h", "STOP s STOP f KILL f KILL h");

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Nothing_lives_on(string order)
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Timeout", "3"));
        using var caller = new Caller(gateway).With("stays.py", Stays);
        var run = caller.RunAsync("stays.py");
        await Eventually.HoldsAsync(() => Ids(gateway) is not null, gateway.RuntimeDirectory);
        var ids = Ids(gateway)!.Split(' ');
        var names = new Dictionary<string, string> { ["s"] = ids[0], ["f"] = ids[1], ["h"] = $"{gateway.ProcessId}" };

        var words = order.Split(' ');
        await ChildProcess.RunAsync("/", "sh", "-c", string.Join("; ", words.Chunk(2).Select(pair => $"kill -{pair[0]} {names[pair[1]]}")));

        if (!order.Contains('h'))
        {
            var answer = await run;
            answer.Ok.ShouldBeFalse();
            answer.FailureKind.ShouldBeOneOf("gateway-fault", "timed-out");
            using var next = new Caller(gateway).With("next.py", "print('next')");
            (await next.RunAsync("next.py")).LogAfterVariables[0].ShouldBe("next");
            (await gateway.StopAsync()).ShouldBe(0);
        }
        else
        {
            if (order.EndsWith("TERM h", StringComparison.Ordinal))
                (await gateway.StopAsync()).ShouldBe(0);

            await run.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        await ShouldEndAsync(ids);
    }

    [Theory]
    [InlineData("kill -KILL $HOST")]
    [InlineData("kill -KILL $SUPERVISOR; kill -KILL $HOST")]
    [InlineData("kill -STOP $SUPERVISOR; kill -TERM $HOST")]
    public async Task Nothing_of_a_script_in_bash_lives_on_either(string ends)
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Interpreters__sh", "bash"), ("Servo__Runs__DrainTimeout", "1"));
        using var caller = new Caller(gateway).With("stays.sh", """
            trap '' TERM HUP
            sleep 600 &
            setsid env -i sleep 600 > /dev/null 2>&1 < /dev/null &
            echo "$PPID $$ $(jobs -p | tr '\n' ' ')" > ids.tmp && mv ids.tmp ids
            while :; do sleep 600; done
            """);
        var run = caller.RunAsync("stays.sh");
        await Eventually.HoldsAsync(() => Ids(gateway) is not null, gateway.RuntimeDirectory);
        var ids = Ids(gateway)!.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

        await ChildProcess.RunAsync("/", "env", $"HOST={gateway.ProcessId}", $"SUPERVISOR={ids[0]}", "sh", "-c", ends);

        await run.ContinueWith(_ => { }, TaskScheduler.Default);
        ids.Length.ShouldBe(4);
        await ShouldEndAsync(ids);
    }

    /// <summary>Stops every process of the gateway that runs scripts, but the one above itself.</summary>
    private const string StopsTheOthers = """
        import os, signal
        server = open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1]
        for pid in os.listdir('/proc'):
            try:
                parent = open('/proc/%s/stat' % pid).read().rpartition(')')[2].split()[1]
            except (IOError, OSError):
                continue
            if pid == server or parent == server and int(pid) != os.getppid():
                os.kill(int(pid), signal.SIGSTOP)
                print(pid)
        """;

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task Supervisors_that_are_stopped_while_they_wait_hold_up_no_run_and_do_not_stay(string end)
    {
        await using var gateway = await Gateway.StartAsync(
            ("Servo__Scripts__Sandbox", "None"), ("Servo__Scripts__Timeout", "8"), ("Servo__Runs__MaxConcurrent", "4"));
        using var caller = new Caller(gateway).With("waits.py", "import time; time.sleep(0.5)").With("stops.py", StopsTheOthers)
            .With("honest.py", "print('honest')");
        var stopped = new List<string>();

        for (var i = 0; i < 2; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => caller.RunAsync("waits.py")));
            var stops = await caller.RunAsync("stops.py");
            stopped.AddRange(stops.LogAfterVariables.Where(line => int.TryParse(line, out var _)));

            foreach (var honest in await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => caller.RunAsync("honest.py"))))
                honest.LogAfterVariables[0].ShouldBe("honest", honest.Body);
        }

        stopped.Count.ShouldBeGreaterThan(4);
        await caller.RunAsync("stops.py");
        await ChildProcess.RunAsync("/", "kill", $"-{end}", $"{gateway.ProcessId}");
        await ShouldEndAsync([.. stopped]);
    }

    [Fact]
    public async Task Processors_and_priority_of_the_host_reach_no_later_script_or_are_told()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Runs__MaxConcurrent", "4"));
        using var caller = new Caller(gateway)
            .With("shows.py", "import os, time; print(sorted(os.sched_getaffinity(0))); time.sleep(0.5)")
            .With("binds.py", """
                import os
                pid = os.getppid()
                mask = {min(os.sched_getaffinity(0))}
                for _ in range(3):
                    for thread in os.listdir('/proc/%d/task' % pid):
                        os.sched_setaffinity(int(thread), mask)
                        os.setpriority(os.PRIO_PROCESS, int(thread), 7)
                    pid = int(open('/proc/%d/stat' % pid).read().rpartition(')')[2].split()[1])
                """);
        var before = (await caller.RunAsync("shows.py")).LogAfterVariables[0];

        (await caller.RunAsync("binds.py")).Ok.ShouldBeTrue();

        // More at once than there are supervisors that wait: some have to be forked anew.
        for (var i = 0; i < 3; i++)
        {
            foreach (var shown in await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => caller.RunAsync("shows.py"))))
                shown.LogAfterVariables[0].ShouldBe(before);
        }

        await gateway.LogsAsync("scripts run with nice 7 now");
    }

    [Fact]
    public async Task A_run_whose_supervisor_is_stopped_ends_at_its_time_limit_and_its_slot_is_free_again()
    {
        await using var gateway = await Gateway.StartAsync(
            ("Servo__Scripts__Sandbox", "None"), ("Servo__Scripts__Timeout", "3"), ("Servo__Runs__MaxConcurrent", "1"),
            ("Servo__Runs__MaxQueued", "1"));
        using var caller = new Caller(gateway)
            .With("stops.py", "import os, signal, time\nprint('said', end='', flush=True)\nos.kill(os.getppid(), signal.SIGSTOP)\ntime.sleep(600)\n")
            .With("next.py", "print('next')");

        var stopped = await caller.RunAsync("stops.py");

        stopped.FailureKind.ShouldBe("timed-out");
        stopped.LogAfterVariables[0].ShouldBe("said");
        (await caller.RunAsync("next.py")).Ok.ShouldBeTrue();
        (await gateway.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_script_of_an_unprivileged_host_reaches_no_channel_and_no_memory_of_the_processes_above_it()
    {
        await using var gateway = await Gateway.StartUnprivilegedAsync();
        using var caller = new Caller(gateway).With("attacks.py", $$"""
            import ctypes, os
            def parent(pid):
                return int(open('/proc/%d/stat' % pid).read().rpartition(')')[2].split()[1])
            libc = ctypes.CDLL(None, use_errno=True)
            supervisor = os.getppid()
            server = parent(supervisor)
            for pid in (supervisor, server, {{gateway.ProcessId}}):
                for path, mode in (('fd/0', 'rb'), ('fd/0', 'wb'), ('fd/1', 'wb'), ('mem', 'rb'), ('mem', 'wb'), ('environ', 'rb'), ('maps', 'rb')):
                    try:
                        open('/proc/%d/%s' % (pid, path), mode).read(1)
                        print('reached', pid, path)
                    except (OSError, ValueError) as error:
                        pass
                pidfd = libc.syscall(434, pid, 0)
                if pidfd >= 0 and libc.syscall(438, pidfd, 0, 0) >= 0:
                    print('reached', pid, 'a descriptor')
                if libc.ptrace(16, pid, 0, 0) == 0:
                    print('reached', pid, 'by ptrace')
            print('done', server != 1 and parent(server) == {{gateway.ProcessId}})
            """);

        var answer = await caller.RunAsync("attacks.py");

        answer.LogAfterVariables.Where(line => line.StartsWith("reached", StringComparison.Ordinal)).ShouldBeEmpty();
        answer.LogAfterVariables[0].ShouldBe("done True");
        answer.Ok.ShouldBeTrue();
    }

    private static string? Ids(Gateway gateway) =>
        gateway.Workspaces.Select(workspace => Path.Join(workspace, "bundle/ids")).Where(File.Exists).Select(File.ReadAllText).FirstOrDefault();

    private static async Task ShouldEndAsync(string[] ids)
    {
        var limit = Stopwatch.StartNew();

        while (ids.Any(IsAlive) && limit.Elapsed < TimeSpan.FromSeconds(20))
            await Task.Delay(50);

        ids.Where(IsAlive).Select(id => File.ReadAllText($"/proc/{id}/stat")).ShouldBeEmpty();
    }

    private static bool IsAlive(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
