using System.Text;

namespace Servo.Python.Tests;

/// <summary>
/// What a script that is forked can tell from one that is not: the rows of the table in docs/scripts.md. Each script prints what is the same in its
/// first line and what is not in its second.
/// </summary>
public sealed class WarmDifferencesTests
{
    /// <summary>The differences of a script's second line between a warm and a cold start.</summary>
    public static TheoryData<string, string> Rows => new()
    {
        { "what the collector counts", """
            import gc
            print(gc.isenabled(), gc.get_threshold(), gc.garbage)
            print(gc.get_freeze_count())
            """ },
        { "functions for the exit", """
            import atexit, logging
            print(atexit.register(len, '') is len)
            print(atexit._ncallbacks())
            """ },
        { "classes that are loaded ahead", """
            print(type(object.__subclasses__()))
            print(len(object.__subclasses__()))
            """ },
        { "objects that are loaded ahead", """
            import gc
            print(type(gc.get_objects()))
            print(len(gc.get_objects()) // 20000, any(getattr(each, '__name__', '') == 'tarfile' for each in gc.get_objects()), gc.get_freeze_count())
            """ },
        { "allocated blocks", """
            import sys
            print(type(sys.getallocatedblocks()))
            print(sys.getallocatedblocks() // 10000)
            """ },
        { "mapped files", """
            maps = open('/proc/self/maps').read()
            print('libc' in maps)
            print('_ctypes' in maps or 'libffi' in maps)
            """ },
        { "calls that a profile sees in an import", """
            import sys
            calls = []
            sys.setprofile(lambda frame, event, argument: calls.append(frame.f_code.co_name))
            import textwrap
            sys.setprofile(None)
            print(textwrap.__name__, calls.count('<module>'))
            print(len(calls))
            """ },
        { "calls that a trace sees at the end", """
            import sys
            print('body')
            sys.settrace(lambda frame, event, argument: print(frame.f_code.co_name))
            """ },
        { "files that an audit hook sees in an import", """
            import sys
            seen = []
            sys.addaudithook(lambda event, arguments: event in ('open', 'compile', 'exec') and seen.append(event))
            import json
            print(json.__name__)
            print(len(seen))
            """ },
        { "importlib's last step", """
            import importlib._bootstrap as bootstrap
            print(callable(bootstrap._load_unlocked))
            print(hasattr(bootstrap._load_unlocked, '__code__'))
            """ },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Are_those_of_the_table(string what, string source)
    {
        await using var interpreters = new Interpreters(await PythonAsync());

        var cold = await interpreters.Cold.RunAsync(Script(what, source), interpreters.Folder);
        var warm = await interpreters.Warm.RunAsync(Script(what, source), interpreters.Folder);

        cold.Exit.ShouldBe(warm.Exit);
        var (expected, actual) = (cold.Output.Split('\n'), warm.Output.Split('\n'));
        actual[0].ShouldBe(expected[0], cold.Output + warm.Output);
        actual[1].ShouldNotBe(expected[1], cold.Output + warm.Output);
    }

    [Fact]
    public async Task Two_scripts_of_an_interpreter_share_the_seed_of_hashes_and_the_layout_of_memory()
    {
        await using var interpreters = new Interpreters(await PythonAsync());
        var script = Script("seed", """
            import ctypes
            print(hash('a text'), ctypes.addressof(ctypes.c_int.in_dll(ctypes.pythonapi, 'Py_NoSiteFlag')))
            """);

        var warm = new[] { await interpreters.Warm.RunAsync(script, interpreters.Folder), await interpreters.Warm.RunAsync(script, interpreters.Folder) };
        var cold = new[] { await interpreters.Cold.RunAsync(script, interpreters.Folder), await interpreters.Cold.RunAsync(script, interpreters.Folder) };

        warm[0].Output.Split(' ')[0].ShouldBe(warm[1].Output.Split(' ')[0]);
        cold[0].Output.Split(' ')[0].ShouldNotBe(cold[1].Output.Split(' ')[0]);
    }

    [Fact]
    public async Task What_path_files_read_of_the_environment_is_what_scripts_have_in_common()
    {
        var python = await PythonAsync();
        using var environment = await VirtualEnvironment.CreateAsync(python);
        environment.Write("kept.pth", "import os, sys; sys.kept = os.environ.get('GREETING'), os.environ['HOME']\n");
        await using var interpreters = new Interpreters(environment.Python);
        var script = Script("kept", "import sys\nprint(sys.kept[0])\nprint(sys.kept[1])");

        (await interpreters.Cold.RunAsync(script, interpreters.Folder)).Output.ShouldBe($"grüß dich\n{interpreters.Folder}.home\n");
        (await interpreters.Warm.RunAsync(script, interpreters.Folder)).Output.ShouldBe("None\n/nonexistent\n");
    }

    [Theory, EveryPython]
    public async Task An_error_advises_to_rename_a_module_in_a_cold_start_only(string version)
    {
        await using var interpreters = new Interpreters((await Pythons.OnThisMachine)[version]);
        var files = new Dictionary<string, byte[]>
        {
            [CorpusScript.Main] = "import textwrap\ntry:\n    textwrap.dedent\nexcept AttributeError as e:\n    print(e)\n"u8.ToArray(),
            ["textwrap.py"] = [],
        };
        var script = new CorpusScript("shadow", files);

        var cold = await interpreters.Cold.RunAsync(script, interpreters.Folder);
        var warm = await interpreters.Warm.RunAsync(script, interpreters.Folder);

        warm.Output.Trim().ShouldBe(cold.Output.Trim().Split(" (consider renaming")[0]);
    }

    private static CorpusScript Script(string name, string source) =>
        new(name, new Dictionary<string, byte[]> { [CorpusScript.Main] = Encoding.UTF8.GetBytes(source) });

    /// <summary>The newest Python of the machine that scripts can be forked from.</summary>
    private static async Task<string> PythonAsync() => (await Pythons.OnThisMachine).Last().Value;
}
