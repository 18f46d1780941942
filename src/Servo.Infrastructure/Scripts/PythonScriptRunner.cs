using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Scripts;

/// <summary>Runs scripts under supervisors that are kept for the next script, so that no run waits for one to start.</summary>
internal sealed class PythonScriptRunner(IOptions<ServoOptions> options, RuntimeDirectory runtime) : IScriptRunner, IDisposable
{
    private readonly ConcurrentBag<Interpreter> _idle = [];
    private readonly Dictionary<string, string> _base = new(StringComparer.Ordinal)
    {
        ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
        ["LANG"] = "C.UTF-8",
        ["PYTHONUNBUFFERED"] = "1",
        ["PYTHONPATH"] = runtime.Python,
    };

    /// <summary>Starts a supervisor ahead of the first run.</summary>
    /// <exception cref="InterpreterException">The interpreter is missing or does not work.</exception>
    public async Task WarmUpAsync(CancellationToken cancellationToken) => GiveBack(await TakeAsync(cancellationToken));

    public async Task<ScriptExit> RunAsync(ScriptProcess script, IRunOutput output, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(_base, StringComparer.Ordinal);

        foreach (var (name, value) in script.Environment)
            environment[name] = value;

        var interpreter = await TakeAsync(CancellationToken.None);

        try
        {
            return await interpreter.RunAsync(script, Locate(), environment, output, cancellationToken);
        }
        finally
        {
            GiveBack(interpreter);
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var interpreter))
            interpreter.Dispose();
    }

    private async Task<Interpreter> TakeAsync(CancellationToken cancellationToken)
    {
        while (_idle.TryTake(out var idle))
        {
            if (idle.IsUsable)
                return idle;

            idle.Dispose();
        }

        return await Interpreter.StartAsync(Locate(), runtime.Supervisor, cancellationToken);
    }

    private void GiveBack(Interpreter interpreter)
    {
        if (interpreter.IsUsable && _idle.Count < Environment.ProcessorCount)
            _idle.Add(interpreter);
        else
            interpreter.Dispose();
    }

    /// <summary>The interpreter's path: a plain name is looked up in PATH at every start, as a shell would.</summary>
    private string Locate()
    {
        var python = options.Value.Scripts.Python;

        if (python.Contains('/'))
            return Path.GetFullPath(python);

        return _base["PATH"].Split(':').Select(folder => Path.Join(folder, python)).FirstOrDefault(IsProgram)
            ?? throw new InterpreterException($"There is no interpreter '{python}' in PATH. Install it, or set Servo:Scripts:Python.");
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
