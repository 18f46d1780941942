using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Scripts;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Scripts;

public sealed class ExecuteScriptsTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("missing.py")]
    [InlineData("sub")]
    [InlineData("../a.py")]
    [InlineData("/etc/passwd")]
    [InlineData("a.py/")]
    [InlineData(".")]
    [InlineData("sub/../../bundle/a.py")]
    public async Task A_name_that_is_no_file_of_the_bundle_is_missing(string name)
    {
        using var core = new Core();
        core.Files["sub/b.py"] = "";

        (await core.RunAsync(name)).Value!.Failure.ShouldBe(new RunFailure.MissingScript(name));
        core.Calls.ShouldBe(["spool", "unpack"]);
    }

    [Fact]
    public async Task A_path_into_a_folder_is_normalised()
    {
        using var core = new Core();
        core.Files["sub/b.py"] = "";

        (await core.RunAsync("./sub//b.py")).Value!.Failure.ShouldBeNull();
        core.Calls[^1].ShouldBe("run sub/b.py");
        core.Output.Lines[^1].ShouldBe("./sub//b.py ran in 0 seconds");
    }

    [Theory]
    [InlineData("app", "app")]
    [InlineData("app/", "app")]
    [InlineData("./sub/app//", "sub/app")]
    [InlineData("app/__main__.py", "app/__main__.py")]
    [InlineData("./", ".")]
    public async Task A_folder_is_a_script_by_its_main_file(string name, string path)
    {
        using var core = new Core();
        core.Files["app/__main__.py"] = core.Files["sub/app/__main__.py"] = core.Files["__main__.py"] = "";

        (await core.RunAsync(name)).Value!.Failure.ShouldBeNull();
        core.Calls[^1].ShouldBe($"run {path}");
        core.Output.Lines[^1].ShouldBe($"{name} ran in 0 seconds");
    }

    [Theory]
    [InlineData("sub")]
    [InlineData("a.py/")]
    [InlineData("package")]
    [InlineData("../bundle/app")]
    public async Task A_folder_without_one_is_missing(string name)
    {
        using var core = new Core();
        core.Files["app/__main__.py"] = core.Files["sub/b.py"] = core.Files["package/__main__.py/x.py"] = "";

        (await core.RunAsync(name)).Value!.Failure.ShouldBe(new RunFailure.MissingScript(name));
    }

    [Theory]
    [InlineData("a.sh", "a.sh", "/bin/bash")]
    [InlineData("A.SH", "A.SH", "/bin/bash")]
    [InlineData("a.py.sh", "a.py.sh", "/bin/bash")]
    [InlineData("sub//a.js", "sub/a.js", "node")]
    [InlineData("a.sh.py", "a.sh.py", null)]
    [InlineData("a.py", "a.py", null)]
    [InlineData("A.PY", "A.PY", null)]
    [InlineData("deploy", "deploy", null)]
    [InlineData(".sh", ".sh", null)]
    [InlineData("-e.sh", "-e.sh", "/bin/bash")]
    [InlineData("shell", "shell/__main__.sh", "/bin/bash")]
    [InlineData("shell/", "shell/__main__.sh", "/bin/bash")]
    [InlineData("shell/__main__.sh", "shell/__main__.sh", "/bin/bash")]
    [InlineData("loud", "loud/__main__.JS", "node")]
    [InlineData("both", "both", null)]
    [InlineData("named.sh", "named.sh", null)]
    public async Task An_ending_chooses_the_interpreter(string name, string path, string? interpreter)
    {
        using var core = WithInterpreters();
        ScriptProcess? ran = null;
        core.OnScript = (script, _, _) =>
        {
            ran = script;
            return Task.FromResult(new ScriptExit(0, false));
        };

        (await core.RunAsync(name)).Value!.Failure.ShouldBeNull();

        (ran!.Name, ran.Path, ran.Interpreter).ShouldBe((name, path, interpreter));
    }

    [Theory]
    [InlineData("a.rb", "unable to find a.rb (no interpreter is set for its ending, only for .py, .JS, .sh)")]
    [InlineData("settings.yml", "unable to find settings.yml (no interpreter is set for its ending, only for .py, .JS, .sh)")]
    [InlineData("several", "unable to find several (leave only one of __main__.js, __main__.sh)")]
    [InlineData("ruby", "unable to find ruby (check your scripts)")]
    [InlineData("python", "unable to find python (check your scripts)")]
    [InlineData("missing.rb", "unable to find missing.rb (check your scripts)")]
    [InlineData("a.sh/", "unable to find a.sh/ (check your scripts)")]
    public async Task A_file_whose_ending_has_no_interpreter_is_not_run_once_there_are_others_than_Python(string name, string detail)
    {
        using var core = WithInterpreters();

        var failure = (await core.RunAsync($"a.py+{name}")).Value!.Failure.ShouldBeOfType<RunFailure.MissingScript>();

        (failure.Kind, failure.Detail).ShouldBe(("missing-script", detail));
        core.Calls[^1].ShouldBe("run a.py");
    }

    [Theory]
    [InlineData("a.sh")]
    [InlineData("a.rb")]
    [InlineData("settings.yml")]
    [InlineData("deploy")]
    public async Task Python_runs_files_of_any_name_where_it_is_the_only_interpreter_as_in_the_original(string name)
    {
        using var core = new Core();
        core.Files[name] = core.Files["shell/__main__.sh"] = "";

        (await core.RunAsync(name)).Value!.Failure.ShouldBeNull();
        core.Calls[^1].ShouldBe($"run {name}");
        (await core.RunAsync("shell")).Value!.Failure.ShouldBe(new RunFailure.MissingScript("shell"));
    }

    [Fact]
    public async Task Scripts_before_a_missing_one_have_run_as_in_the_original()
    {
        using var core = new Core();

        (await core.RunAsync("a.py+missing.py+b.py")).Value!.Failure.ShouldBe(new RunFailure.MissingScript("missing.py"));
        core.Calls.ShouldBe(["spool", "unpack", "run a.py"]);
    }

    [Fact]
    public async Task A_script_that_ends_with_0_at_the_limit_of_its_run_s_files_is_a_failure_and_the_last()
    {
        using var core = new Core();
        var limit = new ScriptLimit(LimitedResource.WorkspaceBytes, ScriptOptions.MaxWorkspaceBytesKey, 5);
        core.OnScript = (_, _, _) => Task.FromResult(new ScriptExit(0, Interrupted: false, Reached: limit));

        (await core.RunAsync("a.py+b.py")).Value!.Failure.ShouldBe(new RunFailure.WorkspaceTooLarge("a.py", "Servo:Scripts:MaxWorkspaceBytes=5"));
        core.Output.Scripts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_time_limit_is_for_all_scripts_together()
    {
        using var core = new Core(services => services.AddSingleton<TimeProvider>(_time).Configure<ScriptOptions>(scripts => scripts.Timeout = TimeSpan.FromSeconds(10)));
        core.OnScript = async (script, _, cancellationToken) =>
        {
            _time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
            return new ScriptExit(cancellationToken.IsCancellationRequested ? 143 : 0, cancellationToken.IsCancellationRequested);
        };

        (await core.RunAsync("a.py+b.py")).Value!.Failure.ShouldBe(new RunFailure.TimedOut("b.py", TimeSpan.FromSeconds(10), "Servo:Scripts:Timeout"));
        core.Output.Scripts.Select(script => (script.ExitCode, script.Elapsed.TotalSeconds)).ShouldBe([(0, 6), (143, 6)]);
        core.Output.Lines.ShouldContain("a.py ran in 6 seconds");
    }

    private static Core WithInterpreters()
    {
        var core = new Core(services => services.Configure<ScriptOptions>(
            scripts => scripts.Interpreters = new Dictionary<string, string> { ["sh"] = "/bin/bash", [".JS"] = "node" }));

        foreach (var name in new[]
        {
            "a.sh", "A.SH", "a.py.sh", "sub/a.js", "a.sh.py", "A.PY", "deploy", ".sh", "-e.sh", "a.rb", "settings.yml",
            "shell/__main__.sh", "loud/__main__.JS", "both/__main__.sh", "both/__main__.py", "named.sh/__main__.py",
            "several/__main__.sh", "several/__main__.js", "ruby/__main__.rb", "python/__main__.PY",
        })
        {
            core.Files[name] = "";
        }

        return core;
    }
}
