using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>When a run gets the rules of an earlier one, and when they are made anew.</summary>
public sealed class KeptRulesetsTests : IAsyncLifetime
{
    private readonly TempDirectory _root = TempDirectory.Secluded();
    private readonly TempDirectory _other = TempDirectory.Secluded();
    private readonly RecordingMeters _meters = new();
    private readonly RuntimeDirectory _runtime;
    private readonly WorkspaceFactory _workspaces;

    public KeptRulesetsTests()
    {
        _root.Write("beside", "");
        _runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));
        _workspaces = new WorkspaceFactory(_runtime, NullLogger<WorkspaceFactory>.Instance);
    }

    public async ValueTask InitializeAsync() => await SettleAsync();

    public ValueTask DisposeAsync()
    {
        _runtime.Dispose();
        _meters.Dispose();
        _root.Dispose();
        _other.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_run_has_rules_of_its_own_and_they_are_another_s_only_when_its_workspace_is_gone()
    {
        using var confinement = Make();
        IWorkspace first = _workspaces.Create(), second = _workspaces.Create(), third = _workspaces.Create();
        var (ofFirst, ofSecond) = (RulesOf(confinement, first), RulesOf(confinement, second));

        ofSecond.ShouldNotBeSameAs(ofFirst);
        RulesOf(confinement, first).ShouldBeSameAs(ofFirst);

        await first.DisposeAsync();
        RulesOf(confinement, third).ShouldBeSameAs(ofFirst);

        var fourth = _workspaces.Create();
        var ofFourth = RulesOf(confinement, fourth);
        ofFourth.ShouldNotBeSameAs(ofFirst);
        ofFourth.ShouldNotBeSameAs(ofSecond);

        foreach (var workspace in (IWorkspace[])[second, third, fourth])
            await workspace.DisposeAsync();
    }

    [Fact]
    public async Task Rules_are_made_anew_now_and_then_as_the_kernel_keeps_the_folders_of_old_runs()
    {
        using var confinement = Make();
        HashSet<SafeFileHandle> made = [];

        for (var run = 0; run < 65; run++)
        {
            await using var workspace = _workspaces.Create();
            made.Add(RulesOf(confinement, workspace));
        }

        made.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Rules_are_closed_with_the_gateway()
    {
        var confinement = Make();
        await using var workspace = _workspaces.Create();
        var rules = RulesOf(confinement, workspace);

        confinement.Dispose();

        rules.IsClosed.ShouldBeTrue();
    }

    [Theory]
    [InlineData("made")]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("a secret replaced")]
    public async Task What_changed_beside_the_hidden_counts_at_the_next_script(string change)
    {
        Directory.CreateDirectory(_root.File("volume"));
        var etc = Directory.CreateDirectory(_other.File("etc/x")[..^2]).FullName;
        _other.Write("etc/old/token", "");
        _other.Write("etc/new/token", "");
        File.CreateSymbolicLink(Path.Join(etc, "token"), Path.Join(etc, "old/token"));
        await SettleAsync();

        using var confinement = Make(new HiddenPlace(Path.Join(etc, "token")));
        await using var workspace = _workspaces.Create();
        var rules = RulesOf(confinement, workspace);
        RulesOf(confinement, workspace).ShouldBeSameAs(rules);

        switch (change)
        {
            case "made":
                _root.Write("new", "");
                break;
            case "removed":
                File.Delete(_root.File("beside"));
                break;
            case "replaced":
                _root.Write("volume/new", "");
                File.Move(_root.File("volume/new"), _root.File("beside"), overwrite: true);
                break;
            default:
                File.CreateSymbolicLink(Path.Join(etc, "old/link"), Path.Join(etc, "new/token"));
                File.Move(Path.Join(etc, "old/link"), Path.Join(etc, "token"), overwrite: true);
                break;
        }

        await SettleAsync();
        var anew = RulesOf(confinement, workspace);
        anew.ShouldNotBeSameAs(rules);
        rules.IsClosed.ShouldBeTrue();
        RulesOf(confinement, workspace).ShouldBeSameAs(anew);

    }

    [Fact]
    public async Task What_is_mounted_counts_at_the_next_script_and_can_be_unmounted()
    {
        Superuser.Require();
        _root.Write("volume/x", "");
        await SettleAsync();
        using var confinement = Make();
        await using var workspace = _workspaces.Create();
        var rules = RulesOf(confinement, workspace);
        await ChildProcess.RunAsync(_root.Path, "mount", "-t", "tmpfs", "tmpfs", "volume");

        try
        {
            var anew = RulesOf(confinement, workspace);
            anew.ShouldNotBeSameAs(rules);
            RulesOf(confinement, workspace).ShouldBeSameAs(anew);

            await ChildProcess.RunAsync(_root.Path, "umount", "volume");
            RulesOf(confinement, workspace).ShouldNotBeSameAs(anew);
        }
        catch
        {
            await ChildProcess.RunAsync(_root.Path, "umount", "-l", "volume");
            throw;
        }
    }

    [Fact]
    public async Task In_Strict_the_interpreter_and_what_the_operator_names_count_too()
    {
        _other.Write("data/x", "");
        Directory.CreateSymbolicLink(_other.File("link"), _other.File("data"));
        await SettleAsync();
        using var confinement = Make(new ScriptOptions { Sandbox = ScriptSandbox.Strict, Readable = [_other.File("link")] });
        await using var workspace = _workspaces.Create();
        var rules = RulesOf(confinement, workspace, "/usr/bin/python3");

        RulesOf(confinement, workspace, "/usr/bin/python3").ShouldBeSameAs(rules);
        RulesOf(confinement, workspace, "/bin/sh").ShouldNotBeSameAs(rules);

        rules = RulesOf(confinement, workspace);
        RulesOf(confinement, workspace).ShouldBeSameAs(rules);
        Directory.Move(_other.File("data"), _other.File("was"));
        _other.Write("data/x", "");
        RulesOf(confinement, workspace).ShouldNotBeSameAs(rules);
    }

    [Fact]
    public async Task In_Strict_a_link_that_leads_through_what_scripts_may_change_counts_once_it_leads_elsewhere()
    {
        _other.Write("releases/v1/x", "");
        _other.Write("fixed/x", "");
        Directory.CreateSymbolicLink(_other.File("current"), "releases/v1");
        await SettleAsync();
        using var confinement = Make(new ScriptOptions
        {
            Sandbox = ScriptSandbox.Strict,
            Writable = [_other.File("releases/x")[..^2]],
            Readable = [_other.File("current")],
        });
        await using var workspace = _workspaces.Create();
        var rules = RulesOf(confinement, workspace);
        RulesOf(confinement, workspace).ShouldBeSameAs(rules);

        Directory.Delete(_other.File("current"));
        Directory.CreateSymbolicLink(_other.File("current"), "fixed");

        RulesOf(confinement, workspace).ShouldNotBeSameAs(rules);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_later_script_reaches_what_was_made_meanwhile_and_its_own_run_by_the_same_rules(bool warm)
    {
        await using var runner = new SupervisedScriptRunner(
            Options.Create(new ScriptOptions { Python = await Python.ExecutableAsync(), Warm = warm, Preload = [], Sandbox = ScriptSandbox.Neighbours }),
            Options.Create(new AdmissionOptions()),
            _runtime,
            [],
            new ScriptTelemetry(_meters),
            NullLogger<SupervisedScriptRunner>.Instance);
        var made = _root.File("made-later");
        string[] seen = ["missing", "missing", "made", "made"];

        for (var run = 0; run < seen.Length; run++)
        {
            await using var workspace = _workspaces.Create();
            File.WriteAllText(Path.Join(workspace.BundleDirectory, "script.py"), $"""
                import os
                open('own', 'w').write(open('script.py').read())
                print(open({Quoted(made)}).read() if os.path.exists({Quoted(made)}) else 'missing')
                try:
                    os.listdir({Quoted(_runtime.Runs)})
                except PermissionError:
                    print('denied')
                """);
            var output = new RecordingOutput();
            var script = new ScriptProcess("script.py", "script.py", workspace.BundleDirectory, new Dictionary<string, string>());

            (await runner.RunAsync(script, output, TestContext.Current.CancellationToken)).Code.ShouldBe(0, string.Join('\n', output.Lines));
            output.Lines.ShouldBe([seen[run], "denied"]);

            if (run == 1)
                File.WriteAllText(made, "made");

            await SettleAsync();
        }
    }

    private static string Quoted(string path) => $"'{path}'";

    /// <summary>Waits until what was changed is no longer too recent to be told from what changes next.</summary>
    private static Task SettleAsync() => Task.Delay(150, TestContext.Current.CancellationToken);

    private static SafeFileHandle RulesOf(ScriptConfinement confinement, IWorkspace workspace, params string[] interpreters)
    {
        using var sandbox = confinement.Make(workspace.BundleDirectory, interpreters)!;
        sandbox.IsOfOneScript.ShouldBeFalse();
        return sandbox.Ruleset!;
    }

    private ScriptConfinement Make(params HiddenPlace[] hidden) => Make(new ScriptOptions { Sandbox = ScriptSandbox.Neighbours }, hidden);

    private ScriptConfinement Make(ScriptOptions options, params HiddenPlace[] hidden) =>
        new(options, _runtime, hidden, new ScriptTelemetry(_meters), NullLogger.Instance);
}
