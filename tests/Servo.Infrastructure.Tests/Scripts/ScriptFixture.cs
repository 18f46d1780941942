using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>A real runner with a bundle directory to put scripts in.</summary>
public sealed class ScriptFixture(
    string? python = null, bool warm = true, IReadOnlyList<string>? preload = null, ScriptSandbox? sandbox = ScriptSandbox.Neighbours,
    Action<ScriptOptions>? configure = null) : IAsyncLifetime
{
    // Less than the default, which costs each fixture half a second.
    private static readonly string[] _preload = ["servo", "json"];

    private readonly TempDirectory _root = TempDirectory.ForGateway();
    private RuntimeDirectory? _runtime;
    private SupervisedScriptRunner? _runner;

    public string Bundle => Path.Join(_root.Path, "bundle");

    public RecordingOutput Output { get; } = new();

    public Dictionary<string, string> Environment { get; } = [];

    public RecordingMeters Meters { get; } = new();

    internal RecordingLogger<SupervisedScriptRunner> Logger { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var interpreter = python ?? await Python.ExecutableAsync();
        _runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = _root.Path }));
        var options = new ScriptOptions { Python = interpreter, Warm = warm, Sandbox = sandbox, Preload = preload ?? _preload };
        configure?.Invoke(options);
        _runner = new SupervisedScriptRunner(
            Options.Create(options),
            Options.Create(new AdmissionOptions()),
            _runtime,
            [],
            new ScriptTelemetry(Meters),
            Logger);
        Directory.CreateDirectory(Bundle);
    }

    public Task<ScriptExit> RunAsync(string source, RecordingOutput? output = null, CancellationToken cancellationToken = default)
    {
        var name = $"{Guid.NewGuid():N}.py";
        File.WriteAllText(Path.Join(Bundle, name), source);
        return _runner!.RunAsync(new ScriptProcess("test.py", name, Bundle, Environment), output ?? Output, cancellationToken);
    }

    /// <summary>Runs a file by another interpreter than Python; one that is not there where it has no source.</summary>
    public Task<ScriptExit> RunAsync(string name, string? source, string interpreter, CancellationToken cancellationToken = default)
    {
        var path = Path.Join(Bundle, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        if (source is not null)
            File.WriteAllText(path, source);

        return _runner!.RunAsync(new ScriptProcess(name, name, Bundle, Environment, interpreter), Output, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _runner!.DisposeAsync();
        _runtime!.Dispose();
        Meters.Dispose();
        _root.Dispose();
    }
}
