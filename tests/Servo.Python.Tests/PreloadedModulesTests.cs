using System.Text;

namespace Servo.Python.Tests;

/// <summary>What a module does to others and to the interpreter when it is loaded ahead is not seen by a script that has not imported it, and is by one that has.</summary>
public sealed class PreloadedModulesTests
{
    private const string Warm = "servo.script.starts 1 servo.start=warm";
    private const string Cold = "servo.script.starts 1 servo.start=cold servo.reason=no parent";

    // As `six` does: a finder whose modules are made or borrowed when they are asked for.
    private const string Finder = """
        import sys
        from importlib.machinery import ModuleSpec
        class Lazy(type(sys)):
            __path__ = []
            def __getattr__(self, name):
                raise AttributeError(name)
        class Finder(object):
            made = Lazy(__name__ + '.made')
            def find_spec(self, name, path, target=None):
                return ModuleSpec(name, self, is_package=name.endswith('.made')) if name.startswith(__name__ + '.made') else None
            def create_module(self, spec):
                if spec.name == __name__ + '.made':
                    return self.made
                if spec.name == __name__ + '.made.borrowed':
                    import colorsys
                    sys.modules[spec.name] = colorsys
                    return colorsys
                raise ImportError(spec.name)
            def exec_module(self, module):
                pass
        sys.meta_path.append(Finder())
        made = Finder.made
        __path__ = []
        """;

    /// <summary>What is done, the source of the module `first`, and that of the module `second`.</summary>
    public static TheoryData<string, string, string> Shared => new()
    {
        { "puts a finder behind", Finder, "import first.made\nfrom first.made.borrowed import rgb_to_hsv" },
        { "puts a finder before", Finder.Replace("append(", "insert(0, "), "import first.made.borrowed\nimport colorsys" },
        { "changes another module", "value = 1", "import first\nfirst.value = 2" },
        { "adds to another module", "value = 1", "import first\nfirst.other = 2" },
        { "removes from another module", "value = 1", "import first\ndel first.value" },
        { "changes one through sys.modules", "import colorsys", "import sys\nfor name in ('colorsys',):\n    if name in sys.modules:\n        sys.modules[name].ONE_SIXTH = 2" },
        { "changes an attribute of sys", "", "import sys\nsys.custom = 1" },
        { "changes a module that every interpreter has", "", "import os\nos.custom = 1" },
        { "lends a module to be a package", Finder.Replace("is_package=name.endswith('.made')", "is_package=True"), "import first.made.borrowed" },
        { "changes a builtin", "", "import builtins\nbuiltins.custom = 1" },
        { "sets a hook", "", "import sys\nsys.displayhook = print" },
        { "sets a variable", "", "import os\nos.environ['CUSTOM'] = '1'" },
        { "removes a variable", "", "import os\nos.environ.pop('PATH', None)" },
        { "adds to sys.path", "", "import sys\nsys.path.append('/nonexistent')" },
        { "adds a path hook", "", "import sys\nsys.path_hooks.append(lambda path: (_ for _ in ()).throw(ImportError()))" },
        { "replaces a finder", "", "import sys\nsys.meta_path[-1:] = [sys.meta_path[-1], sys.meta_path[-1]]\nsys.meta_path.reverse()\nsys.meta_path.reverse()\ndel sys.meta_path[-1]" },
    };

    /// <summary>What is done that lasts, in the module `second`.</summary>
    public static TheoryData<string, string> Lasting => new()
    {
        { "changes the directory", "import os\nos.chdir('/')" },
        { "changes the mode of new files", "import os\nos.umask(0o22 ^ os.umask(0))" },
        { "handles a signal", "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)" },
        { "sets a timer", "import signal\nsignal.setitimer(signal.ITIMER_REAL, 1000)" },
        { "changes the recursion limit", "import sys\nsys.setrecursionlimit(1234)" },
        { "disables the collector", "import gc\ngc.disable()" },
        { "sets the timeout of sockets", "import socket\nsocket.setdefaulttimeout(7)" },
        { "registers a codec", "import codecs\ncodecs.register(lambda name: None)" },
        { "registers what deals with errors", "import codecs\ncodecs.register_error('custom', codecs.lookup_error('ignore'))" },
        { "traces", "import sys\nsys.setprofile(lambda *_: None)" },
    };

    [Theory, MemberData(nameof(Shared))]
    public Task Scripts_see_what_their_own_imports_do(string what, string first, string second) =>
        CompareAsync(what, first, second, Warm, "", "import first", "import second", "import json, first, second, colorsys");

    [Theory, MemberData(nameof(Lasting))]
    public Task What_lasts_is_a_cold_start(string what, string second) => CompareAsync(what, "", second, Cold, "");

    [Fact]
    public async Task A_lazy_module_keeps_what_it_was_asked_for_ahead()
    {
        using var environment = await VirtualEnvironment.CreateAsync(await PythonAsync());
        environment.Write("first.py", Finder.Replace("raise AttributeError(name)", "return vars(self).setdefault(name, 1)"));
        environment.Write("second.py", "import first.made\nfirst.made.asked_for");
        await using var interpreters = new Interpreters(environment.Python, ["first", "second"]);
        var script = new CorpusScript("lazy", new Dictionary<string, byte[]>
        {
            [CorpusScript.Main] = "import first.made\nprint('asked_for' in vars(first.made), first.made.asked_for)"u8.ToArray(),
        });

        (await interpreters.Cold.RunAsync(script, interpreters.Folder)).Output.ShouldBe("False 1\n");
        (await interpreters.Warm.RunAsync(script, interpreters.Folder)).Output.ShouldBe("True 1\n");
    }

    private static async Task<string> PythonAsync() =>
        (await Pythons.OnThisMachine).Where(each => Version.Parse(each.Key) >= new Version(3, 9)).MaxBy(each => Version.Parse(each.Key)).Value;

    private static async Task CompareAsync(string what, string first, string second, string start, params string[] scripts)
    {
        using var environment = await VirtualEnvironment.CreateAsync(await PythonAsync());
        environment.Write("first.py", first);
        environment.Write("second.py", second);
        await using var interpreters = new Interpreters(environment.Python, ["first", "second", "json"]);

        foreach (var imports in scripts)
        {
            var script = new CorpusScript(what, new Dictionary<string, byte[]> { [CorpusScript.Main] = Encoding.UTF8.GetBytes(Script(imports)) });

            var warm = await interpreters.Warm.RunAsync(script, interpreters.Folder);
            var cold = await interpreters.Cold.RunAsync(script, interpreters.Folder);

            Differences(warm.Output, cold.Output).ShouldBeEmpty(imports);
            warm.Exit.ShouldBe(cold.Exit);
        }

        interpreters.Warm.Starts.Distinct().ShouldBe([start]);
    }

    private static IEnumerable<(string Warm, string Cold)> Differences(string warm, string cold) =>
        warm.Split('\n').Zip(cold.Split('\n')).Where(lines => lines.First != lines.Second);

    /// <summary>Shows all that the modules above may have changed.</summary>
    private static string Script(string imports) => $$"""
        import sys
        before = sorted(sys.modules), [type(each).__name__ for each in sys.meta_path], len(sys.path_hooks)
        print(*before, sep='\n')
        {{imports}}
        import builtins, gc, os, signal, socket
        print([name for name in sys.modules if name not in before[0]])
        print([getattr(each, '__name__', type(each).__name__) for each in sys.meta_path], len(sys.path_hooks), sys.path[-1])
        for name in ('first', 'colorsys'):
            if name in sys.modules:
                module = sys.modules[name]
                print(sorted(each for each in vars(module) if each != '__builtins__'), module.__spec__.name, getattr(module, 'value', None))
                print(getattr(module, 'ONE_SIXTH', None))
        if 'first' in sys.modules and hasattr(sys.modules['first'], 'made'):
            import first.made
            from first.made import borrowed
            import colorsys
            print(borrowed is colorsys, colorsys.__spec__.name, first.made.__spec__.name)
        print(getattr(sys, 'custom', None), hasattr(builtins, 'custom'), sys.displayhook is print, hasattr(os, 'custom'))
        import importlib
        print([each for each in vars(importlib._bootstrap) if each.startswith('__')], importlib._bootstrap.__spec__.name)
        print(os.environ.get('CUSTOM'), 'PATH' in os.environ, os.getcwd() == '/', os.umask(0), signal.getsignal(signal.SIGUSR1))
        print(sys.getrecursionlimit(), gc.isenabled(), socket.getdefaulttimeout(), signal.getitimer(signal.ITIMER_REAL)[0] > 0, sys.getprofile() is None)
        try:
            ''.encode('ascii', 'custom'), 'ä'.encode('ascii', 'custom')
        except LookupError as e:
            print(e)
        """;
}
