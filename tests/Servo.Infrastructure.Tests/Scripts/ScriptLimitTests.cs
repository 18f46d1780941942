using Servo.Application.Scripts;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>What each process of a script may use, how a script that fails at it is told from another, and what is said of its use.</summary>
public sealed class ScriptLimitTests
{
    private const long MiB = 1 << 20;

    public static TheoryData<string, string, bool> AtTheirLimits
    {
        get
        {
            var data = new TheoryData<string, string, bool>();

            foreach (var warm in (bool[])[true, false])
            {
                data.Add("cpu-time", "while True: pass", warm);
                data.Add("cpu-time", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", warm);
                data.Add("cpu-time", "import subprocess, sys\nsys.exit(subprocess.call(['sh', '-c', 'while :; do :; done; exit 1']) % 256 and 152)", warm);
                data.Add("out-of-memory", "kept = [bytes(64 << 20) for _ in range(40)]", warm);
                data.Add("out-of-memory", "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, '-c', 'bytearray(2 << 30)']))", warm);
                data.Add("file-too-large", "open('out', 'wb').write(bytes(3 << 20))", warm);
                data.Add("file-too-large", "import subprocess, sys\nsys.exit(subprocess.call('head -c 3000000 /dev/zero > out', shell=True))", warm);
                data.Add("file-too-large", "import os, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nos.truncate(os.open('out', os.O_CREAT | os.O_WRONLY), 3000000)", warm);
                data.Add("too-many-open-files", "kept = [open('/dev/null') for _ in range(100)]", warm);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AtTheirLimits))]
    public async Task A_script_that_fails_at_one_is_told_which(string kind, string source, bool warm)
    {
        await using var scripts = new ScriptFixture(warm: warm, configure: Limit);
        await scripts.InitializeAsync();

        var exit = await scripts.RunAsync(source);

        exit.Code.ShouldNotBe(0);
        exit.Reached.ShouldNotBeNull(string.Join('\n', scripts.Output.Lines));
        exit.Reached.FailureOf("a.py", exit.Code).Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_script_within_them_ends_as_ever_and_cannot_raise_them(bool warm)
    {
        await using var scripts = new ScriptFixture(warm: warm, sandbox: ScriptSandbox.None, configure: Limit);
        await scripts.InitializeAsync();

        var exit = await scripts.RunAsync("""
            import resource
            for name in ('CPU', 'AS', 'FSIZE', 'NOFILE'):
                print(name, *resource.getrlimit(getattr(resource, 'RLIMIT_' + name)))
            """);

        exit.Code.ShouldBe(0);
        exit.Reached.ShouldBeNull();
        scripts.Output.Lines.ShouldBe(["CPU 1 3", $"AS {512 * MiB} {512 * MiB}", $"FSIZE {MiB + 1} {MiB + 1}", "NOFILE 40 40"]);
    }

    [Theory]
    [InlineData("one file", "open('big', 'wb').write(bytes(8 << 20))", true)]
    [InlineData("many files", "for i in range(900): open(str(i), 'wb').write(bytes(8 << 10))", false)]
    [InlineData("lines for names", "for i in range(900): open('\\n%d' % i, 'wb').write(bytes(8 << 10))", true)]
    [InlineData("of a child", "import subprocess; subprocess.run('head -c 8000000 /dev/zero > big', shell=True)", true)]
    [InlineData("nested", "import os\nfor i in range(120): os.mkdir('d'); os.chdir('d')", false)]
    public async Task A_script_is_ended_when_its_files_take_too_much_space(string what, string source, bool warm)
    {
        await using var scripts = new ScriptFixture(warm: warm, configure: options => options.MaxWorkspaceBytes = 4 * MiB);
        await scripts.InitializeAsync();

        var exit = await scripts.RunAsync($"{source}\nimport time\ntime.sleep(100)\n");

        exit.Code.ShouldBe(143, what);
        exit.Interrupted.ShouldBeFalse();
        exit.Reached.ShouldBe(new ScriptLimit(LimitedResource.WorkspaceBytes, ScriptOptions.MaxWorkspaceBytesKey, 4 * MiB));
        exit.Reached!.FailureOf("a.py", exit.Code).Kind.ShouldBe("workspace-too-large");
    }

    [Fact]
    public async Task A_script_whose_files_fit_ends_as_ever_and_the_next_is_ended_at_its_start_where_they_do_not()
    {
        await using var scripts = new ScriptFixture(configure: options => options.MaxWorkspaceBytes = 4 * MiB);
        await scripts.InitializeAsync();

        // Names of one file count once, a file with holes what it takes, and what is elsewhere not at all.
        (await scripts.RunAsync("""
            import os, time
            open('file', 'wb').write(bytes(1 << 20))
            for i in range(9): os.link('file', 'link%d' % i)
            os.symlink('/usr', 'usr')
            os.truncate(os.open('holes', os.O_CREAT | os.O_WRONLY), 1 << 30)
            time.sleep(2.5)
            """)).ShouldSatisfyAllConditions(exit => exit.Code.ShouldBe(0), exit => exit.Reached.ShouldBeNull());

        await File.WriteAllBytesAsync(Path.Join(scripts.Bundle, "more"), new byte[4 * MiB], TestContext.Current.CancellationToken);
        var exit = await scripts.RunAsync("open('ran', 'w')");
        exit.ShouldSatisfyAllConditions(() => exit.Code.ShouldBe(126), () => exit.Reached.ShouldNotBeNull());
        File.Exists(Path.Join(scripts.Bundle, "ran")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("open('big', 'wb').write(bytes(8 << 20))")]
    [InlineData("import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nopen('big', 'wb').write(bytes(8 << 20))\ntime.sleep(100)")]
    public async Task A_script_has_reached_the_limit_also_when_it_ends_with_0(string source)
    {
        await using var scripts = new ScriptFixture(configure: options => options.MaxWorkspaceBytes = 4 * MiB);
        await scripts.InitializeAsync();

        var exit = await scripts.RunAsync(source);

        // On a busy machine it is ended before it has come to its end, or to its handler.
        exit.Code.ShouldBeOneOf(0, 143);
        exit.Reached.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_script_that_is_cancelled_was_not_ended_for_its_files()
    {
        await using var scripts = new ScriptFixture(configure: options => options.MaxWorkspaceBytes = 4 * MiB);
        await scripts.InitializeAsync();
        using var cancelled = new CancellationTokenSource();
        var run = scripts.RunAsync("print('runs', flush=True)\nimport time\ntime.sleep(100)", cancellationToken: cancelled.Token);
        await scripts.Output.SeenAsync("runs");

        await cancelled.CancelAsync();

        (await run).ShouldSatisfyAllConditions(exit => exit.Interrupted.ShouldBeTrue(), exit => exit.Reached.ShouldBeNull());
    }

    [Fact]
    public async Task A_script_that_fails_for_another_reason_reached_none()
    {
        await using var scripts = new ScriptFixture(configure: Limit);
        await scripts.InitializeAsync();

        (await scripts.RunAsync("raise SystemExit('no')")).Reached.ShouldBeNull();
        (await scripts.RunAsync("import os; os.kill(os.getpid(), 9)")).Reached.ShouldBeNull();
    }

    [Fact]
    public async Task Without_them_what_a_script_says_of_memory_is_its_own_affair()
    {
        await using var scripts = new ScriptFixture();
        await scripts.InitializeAsync();

        (await scripts.RunAsync("raise MemoryError('as if')")).Reached.ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_script_used_is_told_with_what_it_started(bool warm)
    {
        await using var scripts = new ScriptFixture(warm: warm);
        await scripts.InitializeAsync();

        var small = (await scripts.RunAsync("pass")).Usage!;
        var large = (await scripts.RunAsync("""
            import os, subprocess, sys, time
            subprocess.check_call([sys.executable, '-c', '''
            import os, time
            if os.fork():
                os._exit(0)  # what goes on is nobody's child
            kept = bytearray(100 << 20)
            while time.process_time() < 0.5:
                pass
            '''])
            while os.path.exists('/proc/%d/task/%d/children' % (os.getppid(), os.getppid())) and len(open('/proc/%d/task/%d/children' % (os.getppid(), os.getppid())).read().split()) > 1:
                time.sleep(0.02)
            with open('written', 'wb') as file:
                file.write(bytes(5 << 20))
                os.fsync(file.fileno())
            """)).Usage!;

        small.Cpu.ShouldBeInRange(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromSeconds(5));
        small.PeakMemory.ShouldBeInRange(3 * MiB, 90 * MiB);
        small.WrittenBytes.ShouldBeLessThan(MiB);
        large.Cpu.ShouldBeInRange(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
        large.PeakMemory.ShouldBeInRange(100 * MiB, 200 * MiB);
        large.WrittenBytes.ShouldBeInRange(5 * MiB, 20 * MiB);
        (await scripts.RunAsync("pass")).Usage!.PeakMemory.ShouldBeLessThan(90 * MiB);
    }

    private static void Limit(ScriptOptions options)
    {
        options.MaxCpuTime = TimeSpan.FromSeconds(1);
        options.MaxAddressSpace = 512 * MiB;
        options.MaxFileBytes = MiB + 1;
        options.MaxOpenFiles = 40;
    }
}
