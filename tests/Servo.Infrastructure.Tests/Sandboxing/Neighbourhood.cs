using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Runs;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>What a script attacks: a path, a process or a socket, as attack.py and attack.c know it.</summary>
internal sealed record Attack(string What, string One, string Other = "");

/// <summary>A gateway's adapters with two runs: one that goes on, and one whose scripts attack it and the gateway.</summary>
internal sealed class Neighbourhood : IAsyncDisposable
{
    private static readonly string Folder = Path.Join(Repository.Root, "tests/Servo.Infrastructure.Tests/Sandboxing");

    private readonly TempDirectory _root = TempDirectory.ForGateway();
    private readonly TempDirectory _other = TempDirectory.ForGateway();
    private readonly RecordingMeters _meters = new();
    private readonly StateDirectory _state;
    private readonly RunDatabase _database;
    private readonly SupervisedScriptRunner _runner;
    private readonly string _python;
    private readonly bool _hasNamespaces;
    private readonly CancellationTokenSource _end = new();
    private readonly RecordingOutput _said = new();
    private Task<ScriptExit> _neighbour = Task.FromResult(default(ScriptExit));

    private Neighbourhood(ScriptOptions options)
    {
        _python = options.Python;
        _hasNamespaces = options.Sandbox == ScriptSandbox.Bubblewrap;
        _state = new StateDirectory(_other.File("state"));
        _database = new RunDatabase(_state);
        TokenFile = _other.Write("etc/token", "the token");
        Runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));
        var workspaces = new WorkspaceFactory(Runtime, NullLogger<WorkspaceFactory>.Instance);
        (Own, Other) = (workspaces.Create(), workspaces.Create());
        _runner = new SupervisedScriptRunner(
            Options.Create(options),
            Options.Create(new AdmissionOptions()),
            Runtime,
            [new HiddenPlace(_state.Path), new HiddenPlace(TokenFile)],
            new ScriptTelemetry(_meters),
            NullLogger<SupervisedScriptRunner>.Instance);
    }

    public RuntimeDirectory Runtime { get; }

    /// <summary>The attacking run's.</summary>
    public IWorkspace Own { get; }

    /// <summary>That of the run that goes on.</summary>
    public IWorkspace Other { get; }

    public StateDirectory State => _state;

    public string TokenFile { get; }

    /// <summary>The name of the abstract socket of the other run's script.</summary>
    public string Socket { get; } = $"servo-neighbour-{Guid.NewGuid():N}";

    /// <summary>The process of the other run's script.</summary>
    public string Process { get; private set; } = "";

    public static async Task<Neighbourhood> StartAsync(
        bool warm = true,
        ScriptSandbox level = ScriptSandbox.Neighbours,
        IReadOnlyList<string>? writable = null,
        IReadOnlyList<string>? readable = null,
        bool network = true,
        params IReadOnlyList<int> connect)
    {
        var neighbourhood = new Neighbourhood(new ScriptOptions
        {
            Python = await Python.ExecutableAsync(),
            Warm = warm,
            Preload = ["servo", "json"],
            Sandbox = level,
            Writable = writable ?? [],
            Readable = readable ?? [],
            Connect = [.. connect.Select(port => $"{port}")],
            Network = network,
        });

        try
        {
            await neighbourhood.StartNeighbourAsync();
            return neighbourhood;
        }
        catch
        {
            await neighbourhood.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has a script of this run carry out attacks, by itself or by a process that it starts; returns what came of each.</summary>
    public async Task<IReadOnlyList<string>> AttackAsync(string by, IEnumerable<Attack> attacks)
    {
        if (by == "static" && await StaticProgram.CompileAsync(Path.Join(Folder, "attack.c"), Path.Join(Own.BundleDirectory, "attack")) is { } whyNot)
        {
            TestContext.Current.AddWarning($"{whyNot} The attacks are those of an isolated Python child instead.");
            File.WriteAllText(
                Path.Join(Own.BundleDirectory, "attack"),
                $"#!{await Python.ExecutableAsync()} -IS\nimport sys\nsource = open('attack.py').read()\n"
                + "exec(source[:source.rindex('main()')])\nprint(by_python(*sys.argv[1:]))\n");
            File.SetUnixFileMode(Path.Join(Own.BundleDirectory, "attack"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var order = new
        {
            by,
            attacks = attacks.Select(attack => new[] { attack.What, attack.One, attack.Other }),
            above = _hasNamespaces ? Above() : null,
        };
        File.WriteAllText(Path.Join(Own.BundleDirectory, "attacks.json"), JsonSerializer.Serialize(order));
        return await RunAsync(File.ReadAllText(Path.Join(Folder, "attack.py")));
    }

    /// <summary>Runs a script in this run; returns what it printed.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(string source, string? interpreter = null)
    {
        var output = new RecordingOutput();
        (await RunAsync(Own, source, output, CancellationToken.None, interpreter)).Code.ShouldBe(0, string.Join('\n', output.Lines));
        return output.Lines;
    }

    /// <summary>Runs a script that fails in this run; returns what the sandbox is said to have denied it.</summary>
    public async Task<string?> FailAsync(string source, string? interpreter = null)
    {
        var output = new RecordingOutput();
        var exit = await RunAsync(Own, source, output, CancellationToken.None, interpreter);
        exit.Code.ShouldNotBe(0, string.Join('\n', output.Lines));
        return exit.Denied;
    }

    /// <summary>Starts a script in this run; the caller waits for its end.</summary>
    public Task<ScriptExit> StartAsync(string source, RecordingOutput output, CancellationToken cancellationToken) =>
        RunAsync(Own, source, output, cancellationToken);

    /// <summary>Whether the other run's script is unharmed.</summary>
    public bool IsUnharmed => !_neighbour.IsCompleted;

    /// <summary>Whether an attack lists a folder above the attacker's own, in which namespaces show nothing but the way to that.</summary>
    public bool IsSeenEmpty(Attack attack) =>
        _hasNamespaces && attack.What == "list" && Own.BundleDirectory.StartsWith(attack.One + "/", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _neighbour;
        await _runner.DisposeAsync();
        await Own.DisposeAsync();
        await Other.DisposeAsync();
        Runtime.Dispose();
        _database.Dispose();
        _state.Dispose();
        _meters.Dispose();
        _end.Dispose();
        _root.Dispose();
        _other.Dispose();
    }

    private async Task StartNeighbourAsync()
    {
        File.WriteAllText(Path.Join(Other.BundleDirectory, "secret"), "of another run");
        _neighbour = RunAsync(Other, $"""
            import os, socket, time
            server = socket.socket(socket.AF_UNIX)
            server.bind('\0{Socket}')
            server.listen(9)
            print(os.getpid())
            print('ready')
            time.sleep(600)
            """, _said, _end.Token);
        await _said.SeenAsync("ready");
        Process = _hasNamespaces ? ProcessIn(Other.BundleDirectory) : _said.Lines[0];
    }

    /// <summary>The process of a script as it is called outside of its namespaces.</summary>
    private static string ProcessIn(string folder) => Directory.EnumerateDirectories("/proc")
        .Select(path => Path.GetFileName(path))
        .Single(name => name.All(char.IsDigit) && TryRead(() => new FileInfo($"/proc/{name}/cwd").LinkTarget) == folder
            && TryRead(() => new FileInfo($"/proc/{name}/exe").LinkTarget)?.EndsWith("/bwrap", StringComparison.Ordinal) == false);

    private static string? TryRead(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // of another user, or ended meanwhile
        }
    }

    /// <summary>The supervisor of the other run's script and the fork server: the parents of the two processes of bubblewrap, and so on.</summary>
    private Dictionary<string, string> Above()
    {
        static string ParentOf(string id) => File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ')[2];
        var supervisor = ParentOf(ParentOf(ParentOf(Process)));
        return new() { ["$supervisor"] = supervisor, ["$forkserver"] = ParentOf(supervisor) };
    }

    private Task<ScriptExit> RunAsync(
        IWorkspace workspace, string source, RecordingOutput output, CancellationToken cancellationToken, string? interpreter = null)
    {
        File.WriteAllText(Path.Join(workspace.BundleDirectory, "script.py"), source);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = workspace.HomeDirectory,
            ["TMPDIR"] = workspace.TemporaryDirectory,
            ["SECRET"] = "of a run",
            // The interpreter by its own path: a version manager's launcher is a program of its own, in a folder of its own.
            ["PATH"] = $"{Path.GetDirectoryName(_python)}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        return _runner.RunAsync(new ScriptProcess("script.py", "script.py", workspace.BundleDirectory, environment, interpreter), output, cancellationToken);
    }
}
