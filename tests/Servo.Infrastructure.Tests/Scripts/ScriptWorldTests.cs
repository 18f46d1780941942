using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Servo.Application.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

public sealed class ScriptWorldTests : IAsyncLifetime
{
    private readonly ScriptFixture _scripts = new();

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    [Fact]
    public async Task Finds_what_was_given_in_its_environment_and_nothing_of_the_hosts()
    {
        Environment.SetEnvironmentVariable("SERVO_TEST_LEAK", "leaked");
        _scripts.Environment["GREETING"] = "grüß dich $HOME `id`";
        _scripts.Environment["HOME"] = "/nowhere";

        await _scripts.RunAsync("import json, os; print(json.dumps(dict(os.environ)))");

        var seen = JsonSerializer.Deserialize<Dictionary<string, string>>(_scripts.Output.Lines.Single())!;
        seen.Remove("LC_CTYPE"); // set by the interpreter itself where it coerces the C locale
        seen.Keys.Order().ShouldBe(["GREETING", "HOME", "LANG", "PATH", "PYTHONPATH", "PYTHONUNBUFFERED"]);
        seen["GREETING"].ShouldBe("grüß dich $HOME `id`");
        seen["LANG"].ShouldBe("C.UTF-8");
    }

    [Fact]
    public async Task Works_in_the_bundle_with_an_empty_input_and_a_session_of_its_own()
    {
        await _scripts.RunAsync("import os, sys; print(os.getcwd()); print(repr(sys.stdin.read())); print(os.getsid(0) == os.getpid())");

        _scripts.Output.Lines.ShouldBe([_scripts.Bundle, "''", "True"]);
    }

    [Fact]
    public async Task Starts_with_no_signal_ignored_and_no_descriptor_but_the_three()
    {
        await _scripts.RunAsync("""
            import os
            status = dict(line.split(':', 1) for line in open('/proc/self/status'))
            print(int(status['SigBlk'], 16), int(status['SigIgn'], 16) & ~0x181001000)
            print([fd for fd in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + fd)])
            """);

        // Python itself ignores SIGPIPE and SIGXFSZ (0x1001000), and posix_spawn the C library's own two (0x180000000).
        _scripts.Output.Lines.ShouldBe(["0 0", "['0', '1', '2']"]);
    }

    [Fact]
    public async Task May_open_as_many_files_as_a_program_expects_although_the_runtime_has_raised_its_own_limit()
    {
        await _scripts.RunAsync("import resource; print(*resource.getrlimit(resource.RLIMIT_NOFILE))");

        var own = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (soft, hard) = (long.Parse(own[3], CultureInfo.InvariantCulture), long.Parse(own[4], CultureInfo.InvariantCulture));
        soft.ShouldBe(hard);
        _scripts.Output.Lines.ShouldBe([$"{Math.Min(1024, hard)} {hard}"]);
    }

    [Theory]
    [InlineData("raise SystemExit(7)", 7)]
    [InlineData("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137)]
    [InlineData("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 143)]
    [InlineData("print('fine')", 0)]
    public async Task Ends_with_the_exit_code_that_a_shell_would_report(string source, int code) =>
        (await _scripts.RunAsync(source)).WithoutUsage().ShouldBe(new ScriptExit(code, Interrupted: false));

    [Fact]
    public async Task Keeps_its_interpreter_process_for_the_next_script()
    {
        await _scripts.RunAsync("import os; print(os.getppid())");
        await _scripts.RunAsync("import os; print(os.getppid())");

        _scripts.Output.Lines.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Runs_scripts_side_by_side()
    {
        var outputs = Enumerable.Range(0, 6).Select(_ => new RecordingOutput()).ToArray();
        var runs = outputs.Select((output, i) => _scripts.RunAsync($"import sys; print({i}); sys.exit({i})", output));

        (await Task.WhenAll(runs)).Select(exit => exit.Code).ShouldBe([0, 1, 2, 3, 4, 5]);
        outputs.Select(output => output.Lines.Single()).ShouldBe(["0", "1", "2", "3", "4", "5"]);
    }

    [Fact]
    public async Task Says_which_setting_names_a_missing_interpreter()
    {
        await using var scripts = new ScriptFixture(python: "python-that-is-not-there");
        await scripts.InitializeAsync();

        var fault = await Should.ThrowAsync<InterpreterException>(() => scripts.RunAsync("print(1)"));

        fault.Message.ShouldContain("python-that-is-not-there");
        await scripts.InitializeAsync();
        fault.Message.ShouldContain("Servo:Scripts:Python");
    }

    [Fact]
    public async Task Says_that_a_program_is_no_python()
    {
        await using var scripts = new ScriptFixture(python: "/bin/false");
        await scripts.InitializeAsync();

        (await Should.ThrowAsync<InterpreterException>(() => scripts.RunAsync("print(1)"))).Message.ShouldContain("/bin/false");
    }

    [Fact]
    public async Task A_script_that_takes_its_supervisor_down_fails_its_run_and_no_later_one()
    {
        await using var scripts = new ScriptFixture(sandbox: ScriptSandbox.None);
        await scripts.InitializeAsync();

        var fault = await Should.ThrowAsync<InterpreterException>(() => scripts.RunAsync("import os, signal; os.kill(os.getppid(), signal.SIGKILL)"));
        fault.Message.ShouldContain("supervisor");

        (await scripts.RunAsync("print('still here')")).Code.ShouldBe(0);
        scripts.Output.Lines[^1].ShouldBe("still here");
    }

    [Fact]
    public async Task A_supervisor_that_was_ended_while_it_waited_is_replaced()
    {
        await _scripts.RunAsync("import os; print(os.getppid())");
        using (var supervisor = Process.GetProcessById(int.Parse(_scripts.Output.Lines[0], CultureInfo.InvariantCulture)))
        {
            supervisor.Kill();
            await supervisor.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await _scripts.RunAsync("print('still here')")).Code.ShouldBe(0);
        _scripts.Output.Lines[^1].ShouldBe("still here");
    }
}
