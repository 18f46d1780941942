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
        "STOP s KILL h", "STOP f KILL h", "STOP s KILL f", "STOP f KILL s", "STOP s TERM h", "STOP f TERM h", "STOP s STOP f TERM h", "STOP s STOP f KILL s");

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
        await Shell.RunAsync("/", "sh", "-c", string.Join("; ", words.Chunk(2).Select(pair => $"kill -{pair[0]} {names[pair[1]]}")));

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

    [Fact]
    public async Task A_run_whose_supervisor_is_stopped_ends_at_its_time_limit_and_its_slot_is_free_again()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Timeout", "3"), ("Servo__Runs__MaxConcurrent", "1"), ("Servo__Runs__MaxQueued", "1"));
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
