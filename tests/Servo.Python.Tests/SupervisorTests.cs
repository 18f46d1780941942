using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>The program that starts scripts, under every Python that may be configured to run them.</summary>
public sealed class SupervisorTests
{
    [Theory, EveryPython]
    public async Task Runs_scripts_one_after_the_other_and_ends_what_they_left_behind(string version)
    {
        using var root = new TempDirectory();
        root.Write("lines.py", "import os, sys\nos.write(1, b'out\\n')\nos.write(2, b'err\\n')\nos.write(1, os.environ['WORD'].encode() if bytes is not str else os.environ['WORD'])\nsys.exit(7)\n");
        root.Write("daemon.py", """
            import os, sys, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execve(sys.executable, [sys.executable, '-c', 'import time; time.sleep(120)'], {})
                os._exit(0)
            print('left one behind')
            """);
        root.Write("confined.py", "import os; print([line for line in open('/proc/self/status') if line.startswith('NoNewPrivs')]); os.listdir('/')");
        var scripts = Options.Create(new ScriptOptions { Python = (await Pythons.OnThisMachine)[version] });
        using var meters = new RecordingMeters();
        using var runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = root.Path }));
        await using var runner = new SupervisedScriptRunner(
            scripts, Options.Create(new AdmissionOptions()), runtime, [], new ScriptTelemetry(meters), NullLogger<SupervisedScriptRunner>.Instance);
        var output = new RecordingOutput();

        Task<ScriptExit> RunAsync(string name) =>
            runner.RunAsync(
                new ScriptProcess(name, name, root.Path, new Dictionary<string, string> { ["WORD"] = "grün" }), output,
                TestContext.Current.CancellationToken);

        (await RunAsync("lines.py")).WithoutUsage().ShouldBe(new ScriptExit(7, false));
        (await RunAsync("daemon.py")).WithoutUsage().ShouldBe(new ScriptExit(0, false));
        (await RunAsync("missing.py")).Code.ShouldBe(2);

        (await RunAsync("confined.py")).Code.ShouldBe(1);

        output.Lines.Take(3).ShouldBe(["out", "err", "grün"]);
        output.Lines[3].ShouldBe("left one behind");
        output.Lines.ShouldContain("['NoNewPrivs:\\t1\\n']");
        output.Lines[^1].ShouldContain("Permission denied: '/'");
    }
}
