using System.Diagnostics;
using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

public sealed class NothingOutlivesAScriptTests : IAsyncLifetime
{
    private const string Sleeper = "import time; time.sleep(120)";

    private readonly ScriptFixture _scripts = new();

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    /// <summary>Ways to escape: each prints the id of a process that would live on.</summary>
    public static TheoryData<string, string> Escapes => new()
    {
        { "a child in the background", $"""
            import subprocess, sys
            print(subprocess.Popen([sys.executable, '-c', '{Sleeper}'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)
            """ },
        { "a grandchild that holds the output", $"""
            import subprocess, sys
            print(subprocess.Popen([sys.executable, '-c', '{Sleeper}'], start_new_session=True).pid)
            """ },
        { "a daemon: double fork, session of its own, no descriptor, empty environment", $"""
            import os, sys
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.write(writer, b'%d' % os.getpid())
                    os.chdir('/')
                    for fd in range(256):
                        try: os.close(fd)
                        except OSError: pass
                    os.execve(sys.executable, [sys.executable, '-c', '{Sleeper}'], dict())
                os._exit(0)
            print(int(os.read(reader, 20)))
            """ },
        { "one that ignores TERM and HUP", $"""
            import os, signal, sys
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                os.write(writer, b'%d' % os.getpid())
                os.execv(sys.executable, [sys.executable, '-c', '{Sleeper}'])
            print(int(os.read(reader, 20)))
            """ },
        { "one that was stopped", $"""
            import os, signal, subprocess, sys
            child = subprocess.Popen([sys.executable, '-c', '{Sleeper}'])
            os.kill(child.pid, signal.SIGSTOP)
            print(child.pid)
            """ },
    };

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task When_it_ends_by_itself(string escape, string source)
    {
        var exit = await _scripts.RunAsync(source);

        exit.WithoutUsage().ShouldBe(new ScriptExit(0, Interrupted: false), escape);
        await GoneProcess.ShouldBeGoneAsync(_scripts.Output.Lines.Single());
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task When_it_is_cancelled(string escape, string source)
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync(source + "\nprint('waiting')\nimport time\ntime.sleep(120)\n", cancellationToken: cancellation.Token);
        await _scripts.Output.SeenAsync("waiting");

        var asked = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        var exit = await run;

        exit.WithoutUsage().ShouldBe(new ScriptExit(143, Interrupted: true), escape);
        asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        await GoneProcess.ShouldBeGoneAsync(_scripts.Output.Lines[0]);
    }

    [Fact]
    public async Task A_script_that_ignores_TERM_is_killed_after_the_grace()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync(
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf')\ntime.sleep(120)\n",
            cancellationToken: cancellation.Token);
        await _scripts.Output.SeenAsync("deaf");

        await cancellation.CancelAsync();

        (await run).WithoutUsage().ShouldBe(new ScriptExit(137, Interrupted: true));
    }

    [Fact]
    public async Task A_script_that_cleans_up_on_TERM_has_its_last_words()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync("""
            import signal, sys, time
            def clean_up(number, frame):
                print('cleaned up')
                sys.exit(5)
            signal.signal(signal.SIGTERM, clean_up)
            print('working')
            time.sleep(120)
            """, cancellationToken: cancellation.Token);
        await _scripts.Output.SeenAsync("working");

        await cancellation.CancelAsync();

        (await run).WithoutUsage().ShouldBe(new ScriptExit(5, Interrupted: true));
        _scripts.Output.Lines.ShouldBe(["working", "cleaned up"]);
    }

    [Fact]
    public async Task A_script_that_is_cancelled_before_it_began_ends_at_once()
    {
        var exit = await _scripts.RunAsync("import time; time.sleep(120)", cancellationToken: new CancellationToken(canceled: true));

        exit.Interrupted.ShouldBeTrue();
        exit.Code.ShouldNotBe(0);
    }

    [Fact]
    public async Task A_script_that_kills_its_supervisor_and_goes_on_is_killed_with_what_it_started()
    {
        await using var scripts = new ScriptFixture(sandbox: ScriptSandbox.None);
        await scripts.InitializeAsync();
        scripts.Environment["HOME"] = Path.Join(scripts.Bundle, "home");

        await Should.ThrowAsync<InterpreterException>(() => scripts.RunAsync($"""
            import os, signal, subprocess, sys, time
            print(os.getpid())
            print(subprocess.Popen([sys.executable, '-c', '{Sleeper}'], start_new_session=True).pid)
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(120)
            """));

        scripts.Output.Lines.Count.ShouldBe(2);
        foreach (var pid in scripts.Output.Lines)
            await GoneProcess.ShouldBeGoneAsync(pid);
    }

    [Fact]
    public async Task A_bounded_storm_of_forks_is_ended()
    {
        var exit = await _scripts.RunAsync("""
            import os, time
            for i in range(40):
                if os.fork() == 0:
                    os.setsid()
                    for j in range(3):
                        if os.fork() == 0:
                            time.sleep(120)
                    time.sleep(120)
            """);

        exit.Code.ShouldBe(0);
        (await _scripts.RunAsync("print('next')")).Code.ShouldBe(0);
    }
}
