using Microsoft.Extensions.Logging;
using Servo.Application.Scripts;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Starts fork servers with the configured Python, warm or cold.</summary>
internal sealed partial class ForkServerStarter(ScriptOptions scripts, RuntimeDirectory runtime, ScriptTelemetry telemetry, ILogger logger)
{
    private const string NoParent = "no parent";

    private string? _whyCold = !scripts.Warm ? "switched off" : scripts.Sandbox == ScriptSandbox.Bubblewrap ? Bubblewrap.Name : null;

    /// <summary>What every script finds in its environment; a run's own variables come on top.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(ForkServerStart.BaseEnvironment, StringComparer.Ordinal)
    {
        ["PYTHONUNBUFFERED"] = "1",
        ["PYTHONPATH"] = runtime.Python,
    };

    /// <summary>Starts a warm one where that is possible; where only a cold one can be had, no further one is tried warm.</summary>
    /// <exception cref="InterpreterException">The interpreter is missing or does not work.</exception>
    public async Task<ForkServer> StartAsync()
    {
        InterpreterException? failure = null;

        if (_whyCold is null)
        {
            try
            {
                return Logged(await StartWarmAsync(), isWarm: true);
            }
            catch (InterpreterException e)
            {
                failure = e;
            }
        }

        var forkServer = await ForkServer.StartAsync(
            Locate(), ForkServerStart.Cold(runtime.ForkServer, _whyCold ?? NoParent, telemetry));

        if (failure is not null)
        {
            _whyCold = NoParent;
            Log.Cold(logger, failure.Message);
        }

        return Logged(forkServer, isWarm: false);
    }

    private async Task<ForkServer> StartWarmAsync()
    {
        var python = Locate();
        var start = ForkServerStart.Warm(runtime.WarmForkServer, runtime.WarmOutput, scripts.Preload, Environment, telemetry);
        var forkServer = await ForkServer.StartAsync(python, start);

        if (forkServer.Executable == python)
            return forkServer;

        // A launcher may have changed the environment, which its scripts would inherit: the interpreter behind it is started by itself.
        await forkServer.DisposeAsync();
        return await ForkServer.StartAsync(forkServer.Executable, start);
    }

    private ForkServer Logged(ForkServer forkServer, bool isWarm)
    {
        if (isWarm)
            Log.StartedWarm(logger, forkServer.Executable, forkServer.Version, forkServer.Memory / 1024);
        else
            Log.Started(logger, forkServer.Executable, forkServer.Version);

        if (forkServer.ChangedNice is { } nice)
            Log.NiceChanged(logger, nice);

        return forkServer;
    }

    /// <summary>The configured Python's path: a plain name is looked up in PATH, as a shell would.</summary>
    private string Locate()
    {
        var python = scripts.Python;

        if (python.Contains('/'))
            return Path.GetFullPath(python);

        return Programs.Find(python)
            ?? throw new InterpreterException($"There is no interpreter '{python}' in PATH. Install it, or set {ScriptOptions.PythonKey}.");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Scripts run with {Executable} (Python {Version})")]
        public static partial void Started(ILogger logger, string executable, string version);

        [LoggerMessage(4, LogLevel.Information, "Scripts run with {Executable} (Python {Version}), forked from an interpreter of {Memory} KiB")]
        public static partial void StartedWarm(ILogger logger, string executable, string version, long memory);

        [LoggerMessage(5, LogLevel.Warning, "Scripts are started cold until the gateway is restarted: {Reason}")]
        public static partial void Cold(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Somebody has lowered the gateway's priority: scripts run with nice {Nice} now. Restart the gateway")]
        public static partial void NiceChanged(ILogger logger, int nice);
    }
}
