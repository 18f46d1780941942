using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A gateway whose operator lets it run more than Python, and gives its scripts variables.</summary>
public sealed class InterpreterTests(InterpreterTests.Host host) : IClassFixture<InterpreterTests.Host>, IDisposable
{
    private readonly Caller _caller = new(host.Gateway);

    [Fact]
    public async Task A_script_in_bash_finds_its_folder_its_variables_and_nothing_of_the_hosts()
    {
        _caller.With("data/web.yml", "cluster: web\n").With("world.sh", """
            echo "$(cat data/web.yml) for $WHO in $ZONE, host $XIT_HOST, input '$(cat)'"
            [ -d "$HOME" ] && [ -d "$TMPDIR" ] && [ -n "$CALLBACK" ] && echo complete
            [ -S "$SERVO_PORTAL_SOCKET" ] && [ -n "$SERVO_RUN_TOKEN" ] && echo connected
            env | cut -d= -f1 | sort | tr '\n' ' '
            """);

        var answer = await _caller.RunAsync("world.sh", "-H", "X-Var-Who: me");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables.WithoutSeconds().ShouldBe(
        [
            "cluster: web for me in eu-1, host 10.1.2.3, input ''",
            "complete",
            "connected",
            "CALLBACK HOME LANG PATH PWD PYTHONPATH PYTHONUNBUFFERED SERVO_PORTAL_SOCKET SERVO_RUN_TOKEN SHLVL TMPDIR "
                + "WHO XIT_HOST XIT_PORT ZONE _ ",
            "world.sh ran in N seconds",
        ]);
        answer.Log.ShouldContain("$WHO = me");
        answer.Log.Where(line => line.StartsWith('$')).Select(line => line.Split(' ')[0]).ShouldBe(["$CALLBACK", "$WHO"], ignoreOrder: true);
    }

    [Fact]
    public async Task It_sends_commands_to_the_cluster_and_hands_out_its_callback()
    {
        _caller.With("command.sh", """
            set -euo pipefail
            curl -s --unix-socket "$SERVO_PORTAL_SOCKET" -H "Authorization: Bearer $SERVO_RUN_TOKEN" -H "X-Shell: ls -j" \
                -X POST http://servo/shell
            echo
            echo ready > report.json
            curl -s -o /dev/null -w '%{http_code}\n' -X POST --data-binary @report.json "$CALLBACK/web-1.json"
            cat web-1.json
            """);

        var answer = await _caller.RunAsync("command.sh");

        answer.Ok.ShouldBeTrue(answer.Body);
        JsonDocument.Parse(answer.LogAfterVariables[0]).RootElement.GetProperty("ok").GetBoolean().ShouldBeTrue();
        answer.LogAfterVariables[1..3].ShouldBe(["200", "ready"]);
    }

    [Theory]
    [InlineData("a.SH", "bash ./a.SH")]
    [InlineData("a.py.sh", "bash ./a.py.sh")]
    [InlineData("deploy", "bash ./deploy/__main__.sh")]
    [InlineData("deploy%2F", "bash ./deploy/__main__.sh")]
    [InlineData("sub%2F-c.sh", "bash ./sub/-c.sh")]
    [InlineData("link.sh", "bash ./link.sh")]
    [InlineData("windows.sh", "bash ./windows.sh")]
    [InlineData("a.pl", "perl ./a.pl")]
    [InlineData("a.py3", "python ./a.py3")]
    [InlineData("a.py", "python a.py")]
    [InlineData("plain", "python plain")]
    [InlineData("both", "python both")]
    public async Task The_ending_of_its_name_says_what_runs_it(string script, string line)
    {
        const string Bash = "echo \"${BASH##*/} $0\"\n";
        const string InPython = "import sys; print('python', sys.argv[0].rpartition('/bundle/')[2])\n";
        _caller.With("a.SH", Bash).With("a.py.sh", Bash).With("deploy/__main__.sh", Bash).With("sub/-c.sh", Bash).With("real.txt", Bash)
            .With("windows.sh", "#!C:\\cygwin\\bin\\bash.exe -e\r\n" + Bash).With("a.pl", "print \"perl $0\\n\";")
            .With("a.py3", InPython).With("a.py", InPython).With("plain", InPython).With("both/__main__.py", InPython).With("both/__main__.sh", Bash);
        File.CreateSymbolicLink(Path.Join(_caller.Folder, "link.sh"), "real.txt");

        var answer = await _caller.RunAsync(script);

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables[0].ShouldBe(line);
    }

    [Fact]
    public async Task A_name_that_begins_with_a_hyphen_is_no_option()
    {
        _caller.With("first.sh", "echo 'echo \"$0 $#\"' > -c.sh; echo 'print \"$0\\n\"' > -e.pl");

        var answer = await _caller.RunAsync("first.sh+-c.sh+-e.pl");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables.WithoutSeconds().ShouldBe(
            ["first.sh ran in N seconds", "./-c.sh 0", "-c.sh ran in N seconds", "./-e.pl", "-e.pl ran in N seconds"]);
    }

    [Fact]
    public async Task What_an_archive_ships_is_never_the_interpreter()
    {
        _caller.With("a.sh", "echo \"$BASH\"").With("a.pl", "print \"$^X\\n\";");

        foreach (var name in new[] { "bash", "perl", "python3", "bin/bash", "bin/perl", "usr/bin/perl" })
        {
            _caller.With(name, "#!/bin/sh\necho shipped\n");
            File.SetUnixFileMode(Path.Join(_caller.Folder, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var answer = await _caller.RunAsync("a.sh+a.pl");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Log.ShouldNotContain("shipped");
        answer.LogAfterVariables[0].ShouldBe("/bin/bash");
    }

    [Theory]
    [InlineData("a.rb", "unable to find a.rb (no interpreter is set for its ending, only for .py, .pl, .py3, .sh)")]
    [InlineData("notes.txt", "unable to find notes.txt (no interpreter is set for its ending, only for .py, .pl, .py3, .sh)")]
    [InlineData("gone.sh", "unable to find gone.sh (check your scripts)")]
    [InlineData("ruby", "unable to find ruby (check your scripts)")]
    public async Task What_has_no_interpreter_fails_the_run_and_is_not_run(string script, string detail)
    {
        _caller.With("a.py", "print('first')").With("a.rb", "puts 'ran'").With("notes.txt", "print('ran')").With("ruby/__main__.rb", "");

        var answer = await _caller.RunAsync($"a.py+{script}");

        answer.Status.ShouldBe(200);
        answer.FailureKind.ShouldBe("missing-script");
        answer.Log[^1].ShouldBe($"failure ({detail})");
        answer.LogAfterVariables[0].ShouldBe("first");
        answer.Log.ShouldNotContain("ran");
    }

    [Theory]
    [InlineData("X-Var-Zone: mine", "ZONE")]
    [InlineData("X-Var-XIT-HOST: mine", "XIT_HOST")]
    public async Task A_variable_of_the_operator_s_is_not_the_caller_s(string header, string name)
    {
        var answer = await _caller.With("a.sh", "echo ran").RunAsync("a.sh", "-H", header, "-H", "Accept: application/json");

        answer.Status.ShouldBe(400);
        answer.Body.ShouldContain($"The variable name '{name}' is reserved: the gateway itself gives it to every script.");
    }

    [Fact]
    public async Task A_script_that_fails_ends_the_run_with_its_code()
    {
        var answer = await _caller.With("bad.sh", "echo oh no; exit 3").With("never.sh", "echo never").RunAsync("bad.sh+never.sh");

        answer.LogAfterVariables.WithoutSeconds().ShouldBe(["oh no", "bad.sh ran in N seconds", "failure (bad.sh failed on exit code 3)"]);
        answer.FailureKind.ShouldBe("script-failed");
    }

    [Fact]
    public async Task At_its_time_limit_it_ends_with_all_that_it_started()
    {
        _caller.With("stays.sh", """
            trap '' TERM
            sleep 600 &
            setsid sleep 600 > /dev/null 2>&1 &
            echo "$$ $(jobs -p | tr '\n' ' ')"
            while :; do sleep 600; done
            """);

        var answer = await _caller.RunAsync("stays.sh", "-H", "X-Timeout: 1");

        answer.FailureKind.ShouldBe("timed-out");
        foreach (var pid in answer.LogAfterVariables[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Directory.Exists($"/proc/{pid}").ShouldBeFalse(pid);
    }

    [Fact]
    public async Task An_interpreter_that_goes_keeps_the_host_from_being_ready_and_is_named()
    {
        using var folder = new TempDirectory();
        var link = folder.File("shell");
        File.CreateSymbolicLink(link, "/bin/bash");
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Interpreters__.sh", link));
        using var caller = new Caller(gateway).With("a.sh", "echo ran").With("a.py", "print('still')");
        (await caller.RunAsync("a.sh")).Ok.ShouldBeTrue();
        File.Delete(link);

        var answer = await caller.RunAsync("a.sh");

        answer.FailureKind.ShouldBe("gateway-fault");
        answer.Log[^1].ShouldContain($"Servo:Scripts:Interpreters: '{link}' was not found. Install it");
        (await caller.RunAsync("a.py")).Ok.ShouldBeTrue();
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var ready = await http.GetAsync($"{gateway.Url}/ready", limit.Token);

        // An answer holds for a second, so the first may be of before.
        while (ready.IsSuccessStatusCode)
        {
            await Task.Delay(100, limit.Token);
            ready = await http.GetAsync($"{gateway.Url}/ready", limit.Token);
        }

        ((int)ready.StatusCode).ShouldBe(503);
        (await ready.Content.ReadAsStringAsync(limit.Token)).ShouldContain("Servo:Scripts:Interpreters");
    }

    [Theory]
    [InlineData("a.sh")]
    [InlineData("notes.txt")]
    [InlineData("plain")]
    public async Task Without_the_setting_Python_runs_any_file_as_the_original_did(string script)
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With(script, "import sys; print('python', sys.argv)");

        (await caller.RunAsync(script)).LogAfterVariables[0].ShouldBe($"python ['{script}']");
    }

    [Fact]
    public async Task The_start_says_which_interpreters_there_are()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Interpreters__.sh", "/bin/bash"));
        await gateway.StopAsync();

        gateway.Log.ShouldContain(", .sh /bin/bash");
    }

    public void Dispose() => _caller.Dispose();

    /// <summary>The host, for all tests of the class.</summary>
    public sealed class Host : IAsyncLifetime
    {
        private readonly TempDirectory _folder = new();

        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            File.CreateSymbolicLink(_folder.File("other-python"), await Python.ExecutableAsync());
            Gateway = await Gateway.StartAsync(
                ("Servo__Portal__Mode", "Embedded"),
                ("Servo__Scripts__Interpreters__.sh", "/bin/bash"),
                ("Servo__Scripts__Interpreters__pl", "perl"),
                ("Servo__Scripts__Interpreters__.py3", _folder.File("other-python")),
                ("Servo__Scripts__Environment__ZONE", "eu-1"),
                ("Servo__Scripts__PassThrough", "XIT_*, NOT_THERE"),
                ("XIT_HOST", "10.1.2.3"),
                ("XIT_PORT", "443"),
                ("XOTHER_HOST", "not passed on"));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            _folder.Dispose();
        }
    }
}
