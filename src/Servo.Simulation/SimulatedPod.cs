using System.Globalization;

namespace Servo.Simulation;

/// <summary>A pod that exists in memory only.</summary>
internal sealed class SimulatedPod(
    string cluster, int sequence, string application, ContainerDefinition definition, IReadOnlyDictionary<int, int> ports,
    TimeProvider time)
{
    private const int MaxLog = 1_000;

    private readonly Queue<string> _log = [];
    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Loopback: a script that goes on to call the pod reaches only what its author runs on the fixed ports of this machine.</summary>
    public const string Ip = "127.0.0.1";

    public const string Node = "local";

    public string Cluster => cluster;

    public int Sequence => sequence;

    public string Name => $"{cluster} #{sequence}";

    public string Application => application;

    public ContainerDefinition Definition => definition;

    /// <summary>Host ports by container port.</summary>
    public IReadOnlyDictionary<int, int> Ports => ports;

    public string Process { get; private set; } = "stopped";

    public IReadOnlyCollection<string> Log => _log;

    public string Uptime => string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() - _started).TotalHours:0.00} hours (pid {100 + sequence})");

    public void TurnOn() => Become("running", "the process is running");

    public void TurnOff() => Become("stopped", "the process is stopped");

    public void Write(string line)
    {
        _log.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss,fff} - INFO - {line}"));

        if (_log.Count > MaxLog)
            _log.Dequeue();
    }

    private void Become(string process, string line)
    {
        Process = process;
        Write(line);
    }
}
