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

    [Fact]
    public async Task Scripts_before_a_missing_one_have_run_as_in_the_original()
    {
        using var core = new Core();

        (await core.RunAsync("a.py+missing.py+b.py")).Value!.Failure.ShouldBe(new RunFailure.MissingScript("missing.py"));
        core.Calls.ShouldBe(["spool", "unpack", "run a.py"]);
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
}
