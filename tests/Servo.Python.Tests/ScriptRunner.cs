using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>Runs scripts as Servo does: in a bundle's directory with a portal socket and a clean environment.</summary>
internal sealed class ScriptRunner : IAsyncDisposable
{
    private static readonly string Package = Path.Join(AppContext.BaseDirectory, "python");

    private readonly TempDirectory _directory = new();
    private ScriptedPortalSocket? _portal;

    /// <summary>What the scripts find in their environment; tests may change it.</summary>
    public Dictionary<string, string> Environment { get; }

    public TempDirectory Bundle => _directory;

    /// <summary>The commands that the portal socket received.</summary>
    public IReadOnlyList<ReceivedCommand> Commands => _portal?.Commands ?? [];

    /// <summary>Their command lines.</summary>
    public IEnumerable<string> Lines => Commands.Select(command => command.Line);

    public string SocketPath => Path.Join(_directory.Path, ".portal.sock");

    public ScriptRunner() => Environment = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/bin:/bin",
        ["HOME"] = _directory.Path,
        ["LANG"] = "C.UTF-8",
        ["PYTHONUNBUFFERED"] = "1",
        ["PYTHONPATH"] = Package,
        ["SERVO_PORTAL_SOCKET"] = SocketPath,
        ["SERVO_RUN_TOKEN"] = "run-token",
    };

    /// <summary>A runner whose portal answers each command line as told.</summary>
    public static Task<ScriptRunner> WithPortalAsync(Func<string, ScriptedAnswer> answers) => WithPortalAsync(command => answers(command.Line));

    /// <summary>A runner whose portal gives every command the same answer.</summary>
    public static Task<ScriptRunner> WithPortalAsync(ScriptedAnswer answer) => WithPortalAsync((ReceivedCommand _) => answer);

    public async Task<ScriptResult> RunAsync(string version, string script)
    {
        var file = Bundle.Write("script.py", "# -*- coding: utf-8 -*-\n" + script);
        var (exitCode, output, error) = await ChildProcess.TryAsync((await Pythons.OnThisMachine)[version], [Path.GetFileName(file)], new ProcessSettings
        {
            WorkingDirectory = Bundle.Path,
            Environment = Environment.Select(variable => (variable.Key, (string?)variable.Value)),
            InheritsEnvironment = false,
            Timeout = TimeSpan.FromMinutes(1),
        });

        return new ScriptResult(exitCode, output, error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_portal is not null)
            await _portal.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<ScriptRunner> WithPortalAsync(Func<ReceivedCommand, ScriptedAnswer> answers)
    {
        var runner = new ScriptRunner();
        runner._portal = await ScriptedPortalSocket.StartAsync(runner.SocketPath, answers);

        return runner;
    }
}

/// <summary>How a script ended and what it printed.</summary>
internal sealed record ScriptResult(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of its output, without the end of the last.</summary>
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>It ended well and printed exactly these lines.</summary>
    public void ShouldPrint(params string[] lines) => ShouldEnd(0, lines);

    /// <summary>It ended with an exit code and had printed exactly these lines, none of them on stderr.</summary>
    public void ShouldEnd(int exitCode, params string[] lines)
    {
        Error.ShouldBeEmpty();
        Lines.ShouldBe(lines);
        ExitCode.ShouldBe(exitCode);
    }
}
