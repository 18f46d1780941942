using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A host that runs as root gives each run a user of its own, where users are named: what that alone keeps apart, mostly without a sandbox.</summary>
public sealed class RunUserTests
{
    private const string WhoAmI = """
        import os, subprocess, sys
        from servo import servo
        print('user', set(os.getresuid() + os.getresgid()), os.getgroups())
        for folder in ('.', os.environ['HOME'], os.environ['TMPDIR']):
            open(folder + '/made', 'w').close()
            print('owner', {os.stat(folder).st_uid, os.stat(folder + '/made').st_uid, os.stat(sys.argv[0]).st_uid})
        subprocess.run(['sh', '-c', 'echo by the shell > /dev/stdout'], check=True)
        print('dumpable', os.path.exists('/proc/self/environ') and len(open('/proc/self/environ').read()) > 0)
        with servo() as proxy:
            print('portal', isinstance(proxy('ls'), dict))
        """;

    private const string Tries = """
        import os, resource, signal, socket, sys
        pid, folder = open('/tmp/' + os.environ['OTHER']).read().split()
        def tries(name, call, *arguments):
            try:
                call(*arguments)
                print(name, 'done')
            except OSError as e:
                print(name, 'denied' if e.errno in (1, 13) else e)
        for one in (int(pid), os.getppid()):
            tries('kill', os.kill, one, signal.SIGSTOP)
            tries('limit', resource.prlimit, one, resource.RLIMIT_NOFILE, (9, 9))
            tries('priority', os.setpriority, os.PRIO_PROCESS, one, 9)
            tries('processors', os.sched_setaffinity, one, {0})
            tries('environment', open, '/proc/%d/environ' % one)
        sock = socket.socket(socket.AF_UNIX)
        tries('connect', sock.connect, folder + '/agent')
        tries('mode', os.chmod, folder + '/wait.py', 0o666)
        tries('time', os.utime, folder + '/wait.py')
        tries('list', os.listdir, folder)
        tries('read', open, folder + '/wait.py')
        tries('runs', os.listdir, os.path.dirname(os.path.dirname(os.getcwd())))
        tries('move', os.rename, os.getcwd(), os.getcwd() + '-moved')
        """;

    [Theory]
    [InlineData("true", "Neighbours")]
    [InlineData("false", "None")]
    [InlineData("true", "Strict")]
    [InlineData("true", "Bubblewrap")]
    public async Task A_run_has_a_user_and_its_files_and_the_next_run_another(string warm, string sandbox)
    {
        await using var gateway = await StartAsync("410000-410009", ("Servo__Scripts__Warm", warm), ("Servo__Scripts__Sandbox", sandbox));
        using var caller = new Caller(gateway)
            .With("a.py", WhoAmI)
            .With("b.py", "import os\nprint(os.getuid(), os.stat('made').st_uid)\nassert 'NoNewPrivs:\\t1' in open('/proc/self/status').read()\n")
            .With("folder/file", "x");

        foreach (var user in (int[])[410000, 410001])
        {
            var answer = await caller.RunAsync("a.py+b.py");

            answer.Ok.ShouldBeTrue(answer.Body);
            answer.LogAfterVariables.WithoutSeconds().ShouldBe(
            [
                $"user {{{user}}} []", $"owner {{{user}}}", $"owner {{{user}}}", $"owner {{{user}}}", "by the shell", "dumpable True", "portal True",
                "a.py ran in N seconds", $"{user} {user}", "b.py ran in N seconds",
            ], answer.Body);
        }

        gateway.Log.ShouldNotContain("and so do the scripts");
        await gateway.HasNoWorkspaceAsync();
    }

    [Fact]
    public async Task A_run_reaches_nothing_of_another_and_no_supervisor()
    {
        await using var gateway = await StartAsync("410000-410009", ("Servo__Scripts__Sandbox", "None"));
        var shared = $"servo-user-test-{Guid.NewGuid():N}";
        using var waits = new Caller(gateway).With("wait.py", $"""
            import os, socket, time
            agent = socket.socket(socket.AF_UNIX)
            agent.bind('agent')
            agent.listen()
            open('/tmp/{shared}-', 'w').write('%d %s' % (os.getpid(), os.getcwd()))
            os.chmod('/tmp/{shared}-', 0o644)
            os.rename('/tmp/{shared}-', '/tmp/{shared}')
            while os.path.exists('/tmp/{shared}'): time.sleep(0.02)
            """);
        using var tries = new Caller(gateway).With("tries.py", Tries);
        var waiting = waits.RunAsync("wait.py");

        try
        {
            await Eventually.HoldsAsync(() => File.Exists($"/tmp/{shared}"), gateway.RuntimeDirectory);
            var answer = await tries.RunAsync("tries.py", "-H", $"X-Var-Other: {shared}");

            answer.Ok.ShouldBeTrue(answer.Body);
            answer.LogAfterVariables[..^1].ShouldAllBe(line => line.EndsWith(" denied"), answer.Body);
            answer.LogAfterVariables.Length.ShouldBe(18);
        }
        finally
        {
            File.Delete($"/tmp/{shared}");
        }

        (await waiting).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task A_callback_is_the_run_s_own_file()
    {
        await using var gateway = await StartAsync("410000-410009");
        using var caller = new Caller(gateway).With("wait.py", """
            import os, time
            with open('arriving', 'w') as address: address.write(os.environ['CALLBACK'])
            os.rename('arriving', 'address')
            while not os.path.exists('data'): time.sleep(0.02)
            print(open('data').read(), os.stat('data').st_uid == os.getuid())
            open('data', 'a').write('more')
            """);
        var run = caller.RunAsync("wait.py");
        string? Address() => gateway.Workspaces.Select(workspace => Path.Join(workspace, "bundle/address")).FirstOrDefault(File.Exists);
        await Eventually.HoldsAsync(() => Address() is not null, gateway.RuntimeDirectory);

        var callback = await File.ReadAllTextAsync(Address()!, TestContext.Current.CancellationToken);
        await ChildProcess.RunAsync("/", "curl", "-sSf", "--data", "called", $"{callback}/data");

        var answer = await run;
        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables[0].ShouldBe("called True");
    }

    [Fact]
    public async Task A_user_with_files_left_is_not_given_to_another_run()
    {
        await using var gateway = await StartAsync("410000-410001", ("Servo__Scripts__Sandbox", "None"), ("Servo__Runs__MaxConcurrent", "1"));
        var left = $"/tmp/servo-user-test-{Guid.NewGuid():N}";
        using var leaves = new Caller(gateway).With("leaves.py", $"import os\nprint(os.getuid())\nopen('{left}', 'w').close()\n");
        using var other = new Caller(gateway).With("other.py", "import os\nprint(os.getuid())\n");

        try
        {
            var first = (await leaves.RunAsync("leaves.py")).LogAfterVariables[0];

            for (var run = 0; run < 3; run++)
                (await other.RunAsync("other.py")).LogAfterVariables[0].ShouldNotBe(first);

            File.Exists(left).ShouldBeTrue();
            await gateway.LogsAsync($"The user {first} is given to no run while '{left}' of an earlier one is left");
            File.Delete(left);
            string[] next = [(await other.RunAsync("other.py")).LogAfterVariables[0], (await other.RunAsync("other.py")).LogAfterVariables[0]];
            next.ShouldContain(first);
        }
        finally
        {
            File.Delete(left);
        }
    }

    [Theory]
    [InlineData("shm", "shmget(0, 4096, 0o1600)", "-m")]
    [InlineData("sem", "semget(0, 1, 0o1600)", "-s")]
    [InlineData("msg", "msgget(0, 0o1600)", "-q")]
    public async Task Nor_is_one_with_objects_of_System_V(string kind, string call, string option)
    {
        await using var gateway = await StartAsync("410000-410001", ("Servo__Scripts__Sandbox", "None"), ("Servo__Runs__MaxConcurrent", "1"));
        using var leaves = new Caller(gateway).With("leaves.py", $"import ctypes, os\nprint(os.getuid())\nprint(ctypes.CDLL(None).{call})\n");
        using var other = new Caller(gateway).With("other.py", "import os\nprint(os.getuid())\n");
        var left = (await leaves.RunAsync("leaves.py")).LogAfterVariables;

        try
        {
            for (var run = 0; run < 3; run++)
                (await other.RunAsync("other.py")).LogAfterVariables[0].ShouldNotBe(left[0]);

            await gateway.LogsAsync($"The user {left[0]} is given to no run while '/proc/sysvipc/{kind}' of an earlier one is left");
        }
        finally
        {
            await ChildProcess.RunAsync("/", "ipcrm", option, left[1]);
        }

        string[] next = [(await other.RunAsync("other.py")).LogAfterVariables[0], (await other.RunAsync("other.py")).LogAfterVariables[0]];
        next.ShouldContain(left[0]);
    }

    [Fact]
    public async Task Users_of_whom_an_earlier_host_has_left_files_or_processes_are_passed_over()
    {
        var left = $"/tmp/servo-user-test-{Guid.NewGuid():N}";
        await File.WriteAllTextAsync(left, "", TestContext.Current.CancellationToken);
        await ChildProcess.RunAsync("/", "chown", "410000", left);
        await using var process = ChildProcess.Start("setpriv", ["--reuid=410001", "--clear-groups", "sleep", "60"], new ProcessSettings { WorkingDirectory = "/" });
        await Eventually.HoldsAsync(() => File.ReadAllText($"/proc/{process.Id}/status").Contains("Uid:\t410001", StringComparison.Ordinal));

        try
        {
            await using var gateway = await StartAsync("410000-410009");
            using var caller = new Caller(gateway).With("a.py", "import os\nprint(os.getuid())\n");

            (await caller.RunAsync("a.py")).LogAfterVariables[0].ShouldBe("410002");
            await gateway.LogsAsync($"'/proc/{process.Id}' of an earlier one is left");
        }
        finally
        {
            File.Delete(left);
        }
    }

    [Theory]
    [InlineData("true", "import os, time\nfor _ in range(30):\n    if os.fork() == 0:\n        time.sleep(60)\n")]
    [InlineData("false", "import subprocess, sys\nsys.exit(subprocess.call('for i in $(seq 20); do sleep 60 & done', shell=True))\n")]
    [InlineData("true", "import threading, time\nfor _ in range(30): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n")]
    public async Task A_run_that_has_too_many_processes_fails_at_that_and_the_next_begins_anew(string warm, string source)
    {
        await using var gateway = await StartAsync("410000-410009", ("Servo__Scripts__Warm", warm), ("Servo__Scripts__MaxProcesses", "12"));
        using var caller = new Caller(gateway).With("many.py", source).With("few.py", "import subprocess\nsubprocess.check_call(['true'])\n");

        var answer = await caller.RunAsync("many.py");

        answer.FailureKind.ShouldBe("too-many-processes", answer.Body);
        answer.Body.ShouldContain("Servo:Scripts:MaxProcesses=12");
        (await caller.RunAsync("few.py")).Ok.ShouldBeTrue();
    }

    [Theory]
    [InlineData("410000-410001", "has 2 users, and Servo:Runs:MaxConcurrent is 4")]
    [InlineData("410001-410000", "'410001-410000' must be a range of users")]
    [InlineData("0-10", "'0-10' must be a range of users")]
    [InlineData("1-4294967295", "must be a range of users")]
    [InlineData("all", "'all' must be a range of users")]
    [InlineData("60000-70000", "has the user of 'nobody' in it")]
    public async Task What_makes_no_sense_keeps_the_host_from_starting(string users, string problem)
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => StartAsync(users, ("Servo__Runs__MaxConcurrent", "4")));
        failure.Message.ShouldContain(problem);
    }

    [Fact]
    public async Task A_host_without_rights_cannot_give_users()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => Gateway.StartUnprivilegedAsync(("Servo__Scripts__Users", "410000-410100")));
        failure.Message.ShouldContain("Servo:Scripts:Users needs a host that runs as root");
    }

    [Fact]
    public async Task A_root_that_others_cannot_pass_to_is_named()
    {
        using var shut = TempDirectory.ForGateway();
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => StartAsync("410000-410100", ("Servo__Workspace__Root", shut.Path)));
        failure.Message.ShouldContain($"needs a Servo:Workspace:Root that every user can pass to, which '{shut.Path}' does not allow");
    }

    private static Task<Gateway> StartAsync(string users, params (string, string)[] settings)
    {
        Environment.IsPrivilegedProcess.ShouldBeTrue("These tests need root, as only root gives files to other users.");
        return Gateway.StartAsync(
            [("Servo__Scripts__Users", users), ("Servo__Scripts__Python", "/usr/bin/python3"), ("Servo__Portal__Mode", "Embedded"), .. settings]);
    }
}
