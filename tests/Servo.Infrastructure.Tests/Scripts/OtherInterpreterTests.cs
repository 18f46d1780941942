using Servo.Application.Scripts;
using Servo.Infrastructure.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>Scripts that are not in Python: the same world, the same end.</summary>
public sealed class OtherInterpreterTests : IAsyncLifetime
{
    private const string Bash = "/bin/bash";

    private readonly ScriptFixture _scripts = new();

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    [Fact]
    public async Task Find_the_same_world_as_scripts_in_Python()
    {
        const string Shows = """
            umask; ulimit -aS; ulimit -aH; pwd; wc -c
            read -r _ _ _ _ _ session _ < /proc/$$/stat
            [ $session -eq $$ ] && echo a session of its own
            env | grep -vE '^(_|SHLVL|PWD|OLDPWD|LC_CTYPE)=' | sort
            """;
        _scripts.Environment["GREETING"] = "grüß dich $HOME `id`";
        await File.WriteAllTextAsync(Path.Join(_scripts.Bundle, "shows.sh"), Shows, TestContext.Current.CancellationToken);

        await _scripts.RunAsync($"import os; os.execv('{Bash}', ['bash', './shows.sh'])");
        var python = _scripts.Output.Lines.ToList();
        await _scripts.RunAsync("shows.sh", Shows, Bash);

        _scripts.Output.Lines.Skip(python.Count).ShouldBe(python);
        python.ShouldContain(_scripts.Bundle);
        python.ShouldContain("0");
        python.ShouldContain("a session of its own");
        python.ShouldContain("GREETING=grüß dich $HOME `id`");
    }

    [Fact]
    public async Task Start_with_no_signal_ignored_and_no_descriptor_but_the_three()
    {
        await _scripts.RunAsync("signals.sh", """
            grep -E 'SigBlk|SigIgn' /proc/$BASHPID/status | cut -f2
            yes | head -n 1
            echo "${PIPESTATUS[0]}"
            for fd in {0..64}; do [ -e /proc/$$/fd/$fd ] && printf '%s ' $fd; done
            """, Bash);

        // posix_spawn ignores the C library's own two signals (0x180000000); 255 is where bash itself reads its script.
        _scripts.Output.Lines[0].ShouldBe("0000000000000000");
        (Convert.ToInt64(_scripts.Output.Lines[1], 16) & ~0x180000000).ShouldBe(0);
        _scripts.Output.Lines.Skip(2).ShouldBe(["y", "141", "0 1 2 "]);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("set -e; false; exit 0", 1)]
    [InlineData("echo fine", 0)]
    public async Task End_with_their_exit_code(string source, int code) =>
        (await _scripts.RunAsync("end.sh", source, Bash)).WithoutUsage().ShouldBe(new ScriptExit(code, Interrupted: false));

    [Theory]
    [InlineData("sleep 120 & echo $!")]
    [InlineData("(trap '' TERM HUP; sleep 120) & echo $!")]
    [InlineData("setsid sleep 120 > /dev/null 2>&1 < /dev/null & echo $!")]
    [InlineData("sleep 120 & kill -STOP $!; echo $!")]
    public async Task Leave_nothing_behind(string source)
    {
        (await _scripts.RunAsync("leave.sh", source, Bash)).Code.ShouldBe(0);

        await GoneProcess.ShouldBeGoneAsync(_scripts.Output.Lines.Single());
    }

    [Fact]
    public async Task Are_ended_with_their_children_by_a_cancellation_after_their_last_words()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync("clean.sh", """
            trap 'echo cleaned up; exit 5' TERM
            sleep 120 &
            echo $!
            echo working
            wait
            """, Bash, cancellation.Token);
        await _scripts.Output.SeenAsync("working");

        await cancellation.CancelAsync();

        (await run).WithoutUsage().ShouldBe(new ScriptExit(5, Interrupted: true));
        _scripts.Output.Lines[^1].ShouldBe("cleaned up");
        await GoneProcess.ShouldBeGoneAsync(_scripts.Output.Lines[0]);
    }

    [Fact]
    public async Task That_ignore_TERM_are_killed_after_the_grace()
    {
        using var cancellation = new CancellationTokenSource();
        var run = _scripts.RunAsync("deaf.sh", "trap '' TERM\necho deaf\nwhile :; do sleep 1; done\n", Bash, cancellation.Token);
        await _scripts.Output.SeenAsync("deaf");

        await cancellation.CancelAsync();

        (await run).WithoutUsage().ShouldBe(new ScriptExit(137, Interrupted: true));
    }

    [Theory]
    [InlineData("-c.sh")]
    [InlineData("--version.sh")]
    [InlineData("-/-x.sh")]
    [InlineData("$(id).sh")]
    [InlineData("a b;c.sh")]
    public async Task Are_never_options_or_words_of_their_interpreter(string name)
    {
        await _scripts.RunAsync(name, "echo \"$0 $#\"", Bash);

        _scripts.Output.Lines.ShouldBe([$"./{name} 0"]);
    }

    [Fact]
    public async Task Are_not_looked_for_in_PATH()
    {
        // As "bash which" is, where the folder has no file of that name.
        (await _scripts.RunAsync("which", source: null, Bash)).Code.ShouldBe(127);

        _scripts.Output.Lines.Single().ShouldContain("./which: No such file or directory");
    }

    [Fact]
    public async Task Are_run_by_the_interpreter_of_the_machine_and_never_by_one_of_the_bundle()
    {
        foreach (var name in new[] { "bash", "bin/bash" })
        {
            Directory.CreateDirectory(Path.Join(_scripts.Bundle, "bin"));
            var own = Path.Join(_scripts.Bundle, name);
            await File.WriteAllTextAsync(own, "#!/bin/sh\necho the bundle's own\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(own, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        await _scripts.RunAsync("which.sh", "echo \"$BASH\"", "bash");

        _scripts.Output.Lines.Single().ShouldEndWith("/bash");
        _scripts.Output.Lines.Single().ShouldStartWith("/");
        _scripts.Output.Lines.Single().ShouldNotStartWith(_scripts.Bundle);
    }

    [Theory]
    [InlineData("#!/no/such/interpreter\r\necho ran\n")]
    [InlineData("#!/usr/bin/env python3\necho ran\n")]
    [InlineData("#!C:\\Python\\python.exe\necho ran\n")]
    [InlineData("echo ran")]
    public async Task Are_run_whatever_their_first_line_says(string source)
    {
        (await _scripts.RunAsync("first.sh", source, Bash)).Code.ShouldBe(0);

        _scripts.Output.Lines.ShouldBe(["ran"]);
    }

    [Fact]
    public async Task May_be_in_any_language_there_is()
    {
        await _scripts.RunAsync("a.pl", "print \"perl $0\\n\";", "perl");
        await _scripts.RunAsync("a.sh", "echo \"sh $0\"", "sh");
        await _scripts.RunAsync("a.py3", "import sys; print('python', sys.argv[0])", await Python.ExecutableAsync());

        _scripts.Output.Lines.ShouldBe(["perl ./a.pl", "sh ./a.sh", "python ./a.py3"]);
    }

    [Fact]
    public async Task Can_start_Python_that_finds_the_package_servo()
    {
        (await _scripts.RunAsync("python.sh", $"{await Python.ExecutableAsync()} -c 'import servo; print(\"found\")'", Bash)).Code.ShouldBe(0);

        _scripts.Output.Lines.ShouldBe(["found"]);
    }

    [Theory]
    [InlineData("no-such-shell", "'no-such-shell' was not found in PATH (")]
    [InlineData("/no/such/shell", "'/no/such/shell' was not found.")]
    [InlineData("/etc/passwd", "'/etc/passwd' is a file that cannot be executed.")]
    [InlineData("/etc", "'/etc' is a directory.")]
    [InlineData("/bin/bash -e", "'/bin/bash -e' has arguments, which an interpreter is not given.")]
    public async Task Name_the_setting_of_an_interpreter_that_is_gone(string interpreter, string problem)
    {
        var fault = await Should.ThrowAsync<InterpreterException>(() => _scripts.RunAsync("a.sh", "", interpreter));
        var options = new ScriptOptions { Interpreters = new Dictionary<string, string> { [".sh"] = interpreter, [".pl"] = "perl" } };

        fault.Message.ShouldStartWith($"Servo:Scripts:Interpreters: {problem}");
        Programs.Problems(options).Single().ShouldStartWith($"Servo:Scripts:Interpreters:.sh: {problem}");
    }

    [Fact]
    public async Task That_cannot_start_end_with_127_and_a_reason()
    {
        var program = Path.Join(_scripts.Bundle, "no-format");
        await File.WriteAllTextAsync(program, "neither a program nor a script", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        (await _scripts.RunAsync("a.x", "", program)).Code.ShouldBe(127);

        _scripts.Output.Lines.Single().ShouldContain("unable to start");
    }

    [Fact]
    public async Task Leave_the_supervisor_for_the_next_script()
    {
        await _scripts.RunAsync("a.sh", "echo $PPID; ulimit -n 20; umask 777; trap '' INT", Bash);
        await _scripts.RunAsync("import os, resource; print(os.getppid()); print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 20)");

        _scripts.Output.Lines.ShouldBe([_scripts.Output.Lines[0], _scripts.Output.Lines[0], "True"]);
    }
}
