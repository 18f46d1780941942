using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>What a script printed, how it ended and what it left in its bundle; addresses and ids of threads are written as N.</summary>
internal sealed record Outcome(string Output, ScriptExit Exit, string Files);

/// <summary>The real runner of scripts, warm or cold.</summary>
internal sealed partial class Interpreter : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly RecordingMeters _meters = new();
    private readonly RuntimeDirectory _runtime;
    private readonly SupervisedScriptRunner _runner;

    public Interpreter(string python, bool warm, RuntimeDirectory runtime, IReadOnlyList<string>? preload = null, ScriptSandbox? sandbox = null)
    {
        _runtime = runtime;
        var options = new ScriptOptions { Python = python, Warm = warm, Sandbox = sandbox };
        options.Preload = preload ?? options.Preload;
        _runner = new SupervisedScriptRunner(
            Options.Create(options), Options.Create(new AdmissionOptions()), _runtime, [],
            new ScriptTelemetry(_meters), NullLogger<SupervisedScriptRunner>.Instance);
    }

    /// <summary>How the scripts were started.</summary>
    public IEnumerable<string> Starts => _meters.Measured.Where(measured => measured.StartsWith("servo.script.starts", StringComparison.Ordinal));

    /// <summary>Runs a script in the folder, which is emptied before.</summary>
    public async Task<Outcome> RunAsync(CorpusScript script, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);

        foreach (var (name, content) in script.Files)
        {
            var path = Path.Join(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content);
            File.SetLastWriteTimeUtc(path, LongAgo);
        }

        var environment = new Dictionary<string, string> { ["HOME"] = folder + ".home", ["GREETING"] = "grüß dich" };
        using var kept = new KeptOutput();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        var exit = await _runner.RunAsync(new ScriptProcess(script.Name, CorpusScript.Main, folder, environment), kept, limit.Token);
        return new Outcome(OfThisRun().Replace(kept.Text, "N"), exit.WithoutUsage(), string.Join('\n', Left(folder)));
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _meters.Dispose();
    }

    /// <summary>Each file with its content; of compiled files, whose bytes tell how often their texts were in use, and of databases only the length.</summary>
    private static IEnumerable<string> Left(string folder) =>
        from path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let name = Path.GetRelativePath(folder, path)
        let isFile = (File.GetAttributes(path) & FileAttributes.Directory) == 0 && File.GetUnixFileMode(path) != 0 && new FileInfo(path).Length > 0
        select !isFile ? name
            : name.EndsWith(".pyc", StringComparison.Ordinal) || name.EndsWith(".db", StringComparison.Ordinal) ? $"{name} {new FileInfo(path).Length}"
            : $"{name} {Convert.ToHexString(File.ReadAllBytes(path))}";

    [GeneratedRegex(@"0x[0-9a-f]{6,}|\b[0-9]{14,16}\b")]
    private static partial Regex OfThisRun();

    private sealed class KeptOutput : IRunOutput, IDisposable
    {
        private readonly MemoryStream _bytes = new();

        public string Text => Encoding.UTF8.GetString(_bytes.ToArray());

        public ValueTask WriteAsync(RunEvent happened)
        {
            if (happened is RunEvent.Output output)
                _bytes.Write(output.Text.Span);

            return ValueTask.CompletedTask;
        }

        public ValueTask FlushAsync() => ValueTask.CompletedTask;

        public void Dispose() => _bytes.Dispose();
    }
}
