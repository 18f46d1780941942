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
