using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Tests.Files;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>Which sandbox scripts are in, by the settings and by what the kernel can do, and what is said of it.</summary>
public sealed class ScriptConfinementTests : IDisposable
{
    private readonly TempDirectory _root = TempDirectory.ForGateway();
    private readonly RecordingMeters _meters = new();
    private readonly RecordingLogger<ScriptConfinement> _logger = new();
    private readonly RuntimeDirectory _runtime;

    public ScriptConfinementTests() => _runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));

    public void Dispose()
    {
        _runtime.Dispose();
        _meters.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void This_kernel_can_do_it()
    {
        var confinement = Make(null);

        confinement.Description.ShouldBe($"Neighbours, by Landlock {Landlock.Version}");
        using var rules = confinement.Make(_root.Path);
        rules.ShouldNotBeNull();
        _logger.Lines.First().ShouldBe(
            $"Information: Scripts reach their own run and no other (Landlock {Landlock.Version}). They cannot list these folders, above what is hidden, "
            + $"nor make entries in them: /, /var, /var/tmp, {_root.Path}");
        _meters.Measured.ShouldBeEmpty();
    }

    [Fact]
    public void What_an_operator_may_have_mistyped_is_told()
    {
        var missing = _root.File("missing");
        var options = new ScriptOptions { Sandbox = ScriptSandbox.Strict, Readable = [missing, "/usr"], Writable = ["/"] };
        using var confinement = new ScriptConfinement(options, _runtime, [], new ScriptTelemetry(_meters), _logger);

        _logger.Lines.Skip(1).ShouldBe(
        [
            $"Warning: {missing} of Servo:Scripts:Readable or Servo:Scripts:Writable is not there: scripts reach it once it is",
            "Warning: Scripts may change the whole file system but for what is the gateway's: Servo:Scripts:Writable names its root",
        ]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_kernel_that_cannot_is_told_of_and_counted(int version)
    {
        var confinement = Make(null, version);

        confinement.Make(_root.Path).ShouldBeNull();
        confinement.Description.ShouldBe("None: no Landlock");
        _logger.Lines.Single().ShouldStartWith("Warning: This kernel has no Landlock 2");
        _meters.Measured.ShouldBe(["servo.script.unconfined 1 servo.reason=no Landlock"]);
    }

    [Fact]
    public void What_is_set_and_cannot_be_done_is_refused() =>
        Should.Throw<InterpreterException>(() => Make(ScriptSandbox.Neighbours, 0)).Message.ShouldStartWith(
            "Servo:Scripts:Sandbox is Neighbours, which this kernel cannot do");

    [Fact]
    public void None_is_counted_and_needs_no_word()
    {
        var confinement = Make(ScriptSandbox.None);

        confinement.Make(_root.Path).ShouldBeNull();
        confinement.Description.ShouldBe("None: switched off");
        _logger.Lines.ShouldBeEmpty();
        _meters.Measured.ShouldBe(["servo.script.unconfined 1 servo.reason=switched off"]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void An_older_kernel_does_what_it_can_and_that_is_told(int version)
    {
        var confinement = Make(ScriptSandbox.Neighbours, version);

        using var rules = confinement.Make(_root.Path);
        rules.ShouldNotBeNull();
        confinement.Description.ShouldBe($"Neighbours, by Landlock {version} without signals");
        _logger.Lines.ShouldContain(line => line.StartsWith($"Warning: This kernel's Landlock {version} confines files but no signals"));
    }

    [Fact]
    public void A_folder_for_temporary_files_above_the_gateway_s_is_warned_of()
    {
        Make(null);

        _logger.Lines.ShouldContain("Warning: Scripts cannot make files in /var/tmp itself, as files of the gateway lie below it: set Servo:Workspace:Root to a folder elsewhere");
    }

    [Fact]
    public void A_run_whose_workspace_is_gone_does_not_start()
    {
        var confinement = Make(null);

        Should.Throw<InterpreterException>(() => confinement.Make(Path.Join(_runtime.Runs, "gone/bundle"))).Message.ShouldStartWith("A script's sandbox cannot be made");
    }

    [Fact]
    public async Task Folders_of_a_program_s_folder_are_read_only_and_its_files_hidden_wherever_a_link_leads_to_them()
    {
        var program = _root.File("program/venv/bin/tool");
        await File.WriteAllTextAsync(program, "", TestContext.Current.CancellationToken);
        _root.Write("program/appsettings.json", "{}");
        File.CreateSymbolicLink(_root.File("link"), _root.File("program"));
        List<string> seen = [];

        HiddenTree.Of([new HiddenPlace(_root.File("link"), ShowsFolders: true)]).Visit((place, mayWrite) => seen.Add($"{NameOf(place)} {mayWrite}"));

        seen.ShouldContain("venv False");
        seen.ShouldContain("proc True");
        seen.ShouldNotContain(line => line.StartsWith("appsettings") || line.StartsWith("program") || line.StartsWith("link"));
    }

    [Fact]
    public void What_may_be_read_only_leaves_the_folders_above_it_as_they_are()
    {
        _root.Write("around/kernel/limits", "");
        _root.Write("around/beside", "");
        List<string> seen = [];
        var tree = HiddenTree.Of([new HiddenPlace(_root.File("around/kernel")) { IsReadable = true }]);

        tree.Visit(_root.File("around"), mayWrite: true, (place, mayWrite) => seen.Add($"{NameOf(place)} {mayWrite}"));

        // The folder is read as a whole, and what is beside the place also written.
        seen.ShouldBe(["around False", "beside True", "kernel False"]);
        tree.Ancestors().ShouldBeEmpty();

        seen.Clear();
        tree.Visit(_root.File("around/kernel/limits"), mayWrite: true, (place, mayWrite) => seen.Add($"{NameOf(place)} {mayWrite}"));
        seen.ShouldBe(["limits False"]);
    }

    [Fact]
    public void What_is_hidden_in_what_may_be_read_stays_hidden()
    {
        _root.Write("around/kernel/limits", "");
        _root.Write("around/kernel/secret", "");
        List<string> seen = [];
        var tree = HiddenTree.Of([new HiddenPlace(_root.File("around/kernel/secret")), new HiddenPlace(_root.File("around/kernel")) { IsReadable = true }]);

        tree.Visit(_root.File("around"), mayWrite: true, (place, mayWrite) => seen.Add($"{NameOf(place)} {mayWrite}"));

        seen.ShouldNotContain(line => line.StartsWith("secret") || line.StartsWith("kernel") || line.StartsWith("around"));
        seen.ShouldNotContain("limits True");
    }

    [Theory]
    [InlineData(ScriptSandbox.Neighbours)]
    [InlineData(ScriptSandbox.Strict)]
    public async Task What_another_gateway_has_or_had_in_the_same_root_is_hidden_also_when_it_comes_later(ScriptSandbox level)
    {
        await using var there = await Neighbourhood.StartAsync(level: level, writable: level == ScriptSandbox.Strict ? ["/var/tmp"] : []);
        var root = Path.GetDirectoryName(there.Runtime.Path)!;
        string[] names = ["servo-0123abcd", "servo-0123abcd0123abcd", "servo-data"];
        var files = Array.ConvertAll(names, name => Path.Join(root, name, "runs/1/bundle/secret"));

        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "of another gateway");
        }

        (await there.AttackAsync("python", files.Select(file => new Attack("read", file)))).Select(outcome => outcome.Split(": ")[1][..4])
            .ShouldBe(["deni", "deni", "done"]);
        (await there.AttackAsync("python", files.Select(file => new Attack("create", file + "2")))).Select(outcome => outcome.Split(": ")[1][..4])
            .ShouldBe(["deni", "deni", "done"]);
    }

    [Fact]
    public void A_folder_with_thousands_of_entries_costs_each_script_nothing_and_is_told_of_once()
    {
        Make(null).Make(_root.Path)!.Dispose();
        _logger.Lines.ShouldNotContain(line => line.Contains("more than"));

        for (var i = 0; i <= HiddenTree.MaxEntries; i++)
            _root.Write($"{i}", "");

        var confinement = Make(null);
        confinement.Make(_root.Path)!.Dispose();
        confinement.Make(_root.Path)!.Dispose();
        _logger.Lines.Where(line => line.Contains("more than")).ShouldBe([
            $"Warning: {_root.Path} has more than 2000 entries and files of the gateway lie below it: scripts do not reach the others in it. "
            + "Set Servo:Workspace:Root and Servo:State:Root to folders elsewhere"]);

        var tree = HiddenTree.Of([new HiddenPlace(_runtime.Path)]);
        tree.Visit((place, _) => NameOf(place).ShouldNotBe("7"));
        tree.Survey.Crowded.ShouldBe([_root.Path]);
    }

    [Fact]
    public async Task A_folder_on_the_way_that_may_only_be_passed_is_passed()
    {
        Superuser.Require();
        var hidden = _root.File("homes/user/state/hidden");
        _root.Write("homes/user/tool", "");
        _root.Write("homes/other/file", "");
        const UnixFileMode passed = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_root.Path, passed | UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(_root.File("homes/x")[..^2], passed);
        await Unprivileged.OwnAsync(_root.File("homes/user/x")[..^2]);

        var seen = Unprivileged.Run(() =>
        {
            List<string> names = [];
            HiddenTree.Of([new HiddenPlace(hidden)]).Visit((place, _) => names.Add(NameOf(place)));
            return names;
        });

        seen.ShouldContain("tool");
        seen.ShouldNotContain("other");
        seen.ShouldNotContain("hidden");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_script_of_another_interpreter_is_in_the_sandbox_as_well(bool warm)
    {
        await using var there = await Neighbourhood.StartAsync(warm);

        var lines = await there.RunAsync(
            $"grep NoNewPrivs /proc/self/status\ncat {there.Other.BundleDirectory}/secret\nkill -0 $PPID\ntrue\n", "/bin/sh");

        lines[0].ShouldBe("NoNewPrivs:\t1");
        lines[1].ShouldEndWith("Permission denied");
        lines[2].ShouldContain("Operation not permitted");
    }

    private static string NameOf(SafeFileHandle place) => Path.GetFileName(RealPath.Of(place)!);

    private ScriptConfinement Make(ScriptSandbox? setting, int? version = null) =>
        new(new ScriptOptions { Sandbox = setting }, _runtime, [], new ScriptTelemetry(_meters), _logger, version);
}
