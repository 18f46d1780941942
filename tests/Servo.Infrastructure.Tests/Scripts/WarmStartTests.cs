using System.Globalization;
using System.IO.Compression;
using System.Text;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>The interpreter that scripts are forked from: what it knows of them, when it is replaced, and what happens where there is none.</summary>
public sealed class WarmStartTests : IAsyncLifetime
{
    private const string Warm = "servo.script.starts 1 servo.start=warm";

    private readonly ScriptFixture _scripts = new();

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    [Fact]
    public async Task Is_counted_and_logged_with_its_memory()
    {
        await _scripts.RunAsync("print('warm')");

        Starts(_scripts).ShouldBe([Warm]);
        _scripts.Logger.Lines.ShouldContain(line => line.StartsWith("Information: Scripts run with ") && line.EndsWith(" KiB"));
        _scripts.Meters.Observe();
        var memory = _scripts.Meters.Measured.Single(measured => measured.StartsWith("servo.interpreter.memory"));
        long.Parse(memory.Split(' ')[1], CultureInfo.InvariantCulture).ShouldBeGreaterThan(1 << 20);
    }

    [Fact]
    public async Task Is_one_process_whose_seeds_no_two_scripts_share()
    {
        const string source = """
            import os, random, secrets, ssl, tempfile, uuid
            print(os.getppid(), flush=True)
            print(random.random())
            print(secrets.token_hex(8))
            print(ssl.RAND_bytes(8).hex())
            print(uuid.uuid4())
            print(next(tempfile._get_candidate_names()))
            print(os.urandom(8).hex())
            import multiprocessing
            print(bytes(multiprocessing.current_process().authkey).hex())
            """;
        await _scripts.RunAsync(source);
        await _scripts.RunAsync(source);

        var lines = _scripts.Output.Lines;
        lines.Count.ShouldBe(16);
        lines[8].ShouldBe(lines[0]);
        lines.Skip(1).Take(7).Intersect(lines.Skip(9)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Never_holds_what_a_script_was_given()
    {
        Superuser.Require();
        var secret = Guid.NewGuid().ToString("N");
        _scripts.Environment["SECRET"] = secret;
        await _scripts.RunAsync("import os; print(os.getppid(), open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1], os.environ['SECRET'])");

        var words = _scripts.Output.Lines.Single().Split(' ');
        words[2].ShouldBe(secret);
        foreach (var process in words.Take(2))
        {
            Holds(process, Encoding.ASCII.GetBytes(secret)).ShouldBeFalse("the variable's value");
            Holds(process, "forkserver"u8.ToArray()).ShouldBeTrue("the search itself has to find what is there");
        }
    }

    [Fact]
    public async Task Is_not_used_where_it_is_switched_off()
    {
        await using var scripts = new ScriptFixture(warm: false);
        await scripts.InitializeAsync();

        await scripts.RunAsync("import gc, sys; print(gc.get_freeze_count() if hasattr(gc, 'get_freeze_count') else 0)");

        scripts.Output.Lines.ShouldBe(["0"]);
        Starts(scripts).ShouldBe(["servo.script.starts 1 servo.start=cold servo.reason=switched off"]);
        scripts.Logger.Lines.ShouldNotContain(line => line.StartsWith("Warning: Scripts are started cold"));
    }

    [Theory]
    [InlineData("raise ValueError('sitecustomize fails')")] // site reports it and goes on: every script prints it
    [InlineData("print('sitecustomize prints')")]
    [InlineData("import sys; sys.exit('sitecustomize ends')")]
    [InlineData("import os; os._exit(3)")]
    [InlineData("import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")]
    public async Task Is_not_used_where_the_interpreter_s_own_start_does_what_a_script_would_show(string source)
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        environment.Write("sitecustomize.py", source);
        await using var scripts = new ScriptFixture(environment.Python);
        await scripts.InitializeAsync();

        await scripts.RunAsync("print('ran')");
        await scripts.RunAsync("print('ran')");

        Starts(scripts).ShouldAllBe(start => start == "servo.script.starts 1 servo.start=cold servo.reason=no parent");
        scripts.Logger.Lines.Where(line => line.StartsWith("Warning: Scripts are started cold")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()")]
    [InlineData("raise ValueError('no module')")]
    [InlineData("raise SystemExit(3)")]
    [InlineData("print('loud')")]
    public async Task Is_not_used_where_a_module_cannot_be_loaded_ahead(string source)
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        environment.Write("ahead.py", source);
        await using var scripts = new ScriptFixture(environment.Python, preload: ["ahead"]);
        await scripts.InitializeAsync();

        (await scripts.RunAsync("print('ran')")).Code.ShouldBe(0);

        scripts.Output.Lines.ShouldBe(["ran"]);
        Starts(scripts).ShouldBe(["servo.script.starts 1 servo.start=cold servo.reason=no parent"]);
    }

    [Fact]
    public async Task Is_replaced_when_what_it_has_loaded_changes()
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        environment.Write("ahead.py", "value = 'old'");
        await using var scripts = new ScriptFixture(environment.Python, preload: ["ahead"]);
        await scripts.InitializeAsync();
        const string source = "import ahead\nprint(ahead.value, open('/proc/%d/stat' % __import__('os').getppid()).read().rpartition(')')[2].split()[1])";
        await scripts.RunAsync(source);

        environment.Write("ahead.py", "value = 'newer'");
        await scripts.RunAsync(source);
        await Task.Delay(1100, TestContext.Current.CancellationToken); // the many files are looked at once a second
        await scripts.RunAsync(source);
        await scripts.RunAsync(source);

        var lines = scripts.Output.Lines.Select(line => line.Split(' ')).ToList();
        lines.Select(words => words[0]).ShouldBe(["old", "newer", "newer", "newer"]);
        lines[1][1].ShouldBe(lines[0][1]);
        lines[2][1].ShouldNotBe(lines[0][1]);
        lines[3][1].ShouldBe(lines[2][1]);
        Starts(scripts).ShouldAllBe(start => start == Warm);
    }

    [Fact]
    public async Task Is_replaced_when_a_module_is_installed()
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        await using var scripts = new ScriptFixture(environment.Python);
        await scripts.InitializeAsync();
        const string source = """
            import os, sys
            print('installed' in sys.modules, open('/proc/%d/stat' % os.getppid()).read().rpartition(')')[2].split()[1])
            """;
        await scripts.RunAsync(source);

        environment.Write("installed.py", "");
        environment.Write("always.pth", "import installed\n");
        await scripts.RunAsync(source);

        var lines = scripts.Output.Lines.Select(line => line.Split(' ')).ToList();
        lines.Select(words => words[0]).ShouldBe(["False", "True"]);
        lines[1][1].ShouldNotBe(lines[0][1]);
        scripts.Logger.Lines.ShouldContain(line => line.Contains("has changed: the interpreter that scripts are forked from is replaced"));
    }

    [Fact]
    public async Task Finds_the_modules_of_a_virtual_environment()
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        environment.Write("ahead.py", "import sys\nvalue = sys.prefix");
        await using var scripts = new ScriptFixture(environment.Python, preload: ["ahead"]);
        await scripts.InitializeAsync();

        await scripts.RunAsync("import ahead, sys; print(ahead.value == sys.prefix != sys.base_prefix, sys.executable)");

        scripts.Output.Lines.ShouldBe([$"True {environment.Python}"]);
        Starts(scripts).ShouldBe([Warm]);
    }

    [Fact]
    public async Task Loads_modules_ahead_that_have_the_names_of_the_supervisor_s_own()
    {
        using var environment = await VirtualEnvironment.MakeAsync();
        string[] names = [.. Directory.GetFiles(Path.Join(Repository.Root, "src/Servo.Infrastructure/Scripts/supervision"), "*.py").Select(file => Path.GetFileNameWithoutExtension(file)!)];
        foreach (var name in names)
            environment.Write(name + ".py", $"value = 'of the user: {name}'");
        environment.Write("sitecustomize.py", "import channel, settings");
        await using var scripts = new ScriptFixture(environment.Python, preload: names);
        await scripts.InitializeAsync();

        await scripts.RunAsync(string.Concat(names.Select(name => $"import {name}\nprint({name}.value)\n")));

        scripts.Output.Lines.ShouldBe(names.Select(name => "of the user: " + name));
        Starts(scripts).ShouldBe([Warm]);
    }

    [Theory]
    [InlineData("LD_BIND_NOW", "1", "LD_")]
    [InlineData("PYTHONOPTIMIZE", "1", "PYTHON")]
    [InlineData("LC_ALL", "POSIX", "LC_")]
    public async Task Is_left_by_exec_where_a_variable_has_to_be_there_at_the_start(string name, string value, string family)
    {
        _scripts.Environment[name] = value;

        await _scripts.RunAsync("import os, sys; print(os.environ[%r], sys.flags.optimize)".Replace("%r", $"'{name}'", StringComparison.Ordinal));

        _scripts.Output.Lines.ShouldBe([$"{value} {(name == "PYTHONOPTIMIZE" ? 1 : 0)}"]);
        Starts(_scripts).ShouldBe([$"servo.script.starts 1 servo.start=cold servo.reason={family}* differs"]);
    }

    [Fact]
    public async Task Is_left_by_exec_for_another_interpreter_for_an_archive_and_where_there_is_no_file()
    {
        var python = await Python.ExecutableAsync();
        using (var archive = ZipFile.Open(Path.Join(_scripts.Bundle, "app.py"), ZipArchiveMode.Create))
        using (var main = new StreamWriter(archive.CreateEntry("__main__.py").Open()))
            main.Write("print('from an archive')");

        await _scripts.RunAsync("a.sh", "echo $0", "/bin/sh");
        await _scripts.RunAsync("app.py", null, python);
        await _scripts.RunAsync("missing.py", null, python);

        Starts(_scripts).Select(start => start.Split("servo.start=cold servo.reason=")[1]).ShouldBe(["another interpreter", "an archive", "no file"]);
        _scripts.Output.Lines.Take(2).ShouldBe(["./a.sh", "from an archive"]);
        _scripts.Output.Lines[2].ShouldContain("can't open file");
    }

    [Fact]
    public async Task A_user_s_own_packages_are_found_as_ever()
    {
        using var home = new TempDirectory();
        _scripts.Environment["HOME"] = home.Path;
        await _scripts.RunAsync("import os, site; os.makedirs(site.getusersitepackages()); open(site.getusersitepackages() + '/mine.py', 'w').close()");

        await _scripts.RunAsync("import mine, site, sys; print(mine.__file__.startswith(site.USER_SITE), site.USER_SITE in sys.path)");

        _scripts.Output.Lines.ShouldBe(["True True"]);
        Starts(_scripts).ShouldBe([Warm, "servo.script.starts 1 servo.start=cold servo.reason=packages of a user"]);
    }

    private static IEnumerable<string> Starts(ScriptFixture scripts) => scripts.Meters.Measured.Where(measured => measured.StartsWith("servo.script.starts"));

    /// <summary>Whether the memory of a process holds the bytes.</summary>
    private static bool Holds(string process, byte[] bytes)
    {
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);

        foreach (var line in File.ReadLines($"/proc/{process}/maps"))
        {
            var words = line.Split(' ');
            var range = words[0].Split('-').Select(end => long.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();

            // What belongs to the kernel cannot be read; what is mapped from files and was not written is the same for everybody.
            if (!words[1].StartsWith("rw", StringComparison.Ordinal) || line.EndsWith(']') && !line.EndsWith("[heap]") && !line.EndsWith("[stack]"))
                continue;

            var content = new byte[range[1] - range[0]];
            memory.Position = range[0];

            if (content.AsSpan(0, memory.Read(content)).IndexOf(bytes) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>An interpreter with a folder of packages of its own.</summary>
    private sealed class VirtualEnvironment : IDisposable
    {
        private readonly TempDirectory _root = new();
        private string _packages = "";

        public string Python => _root.File("bin/python");

        public static async Task<VirtualEnvironment> MakeAsync()
        {
            var environment = new VirtualEnvironment();
            var interpreter = await Testing.Python.ExecutableAsync();
            var facts = await ChildProcess.RunAsync("/", interpreter, "-c", "import sys; print(sys.base_prefix, '%d.%d' % sys.version_info[:2])");
            var (prefix, version) = (facts.Trim().Split(' ')[0], facts.Trim().Split(' ')[1]);
            File.CreateSymbolicLink(environment.Python, interpreter);
            environment._root.Write("pyvenv.cfg", $"home = {prefix}/bin\ninclude-system-site-packages = false\nversion = {version}\n");
            environment._packages = $"lib/python{version}/site-packages";
            environment.Write("placeholder.txt", "");
            return environment;
        }

        public void Write(string name, string text) => _root.Write($"{_packages}/{name}", text);

        public void Dispose() => _root.Dispose();
    }
}
