using System.Globalization;

namespace Servo.Simulation;

/// <summary>The pods, and what can be done to them. Everything takes effect at once. Not safe for use by several threads at a time.</summary>
internal sealed class SimulatedCluster(TimeProvider time)
{
    /// <summary>How many pods fit in; a script's typing error must not eat the host's memory.</summary>
    public const int Capacity = 1_000;

    private const int FirstHostPort = 31_000;

    private readonly SortedDictionary<string, SortedDictionary<int, SimulatedPod>> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sequences = [];
    private int _applications;
    private int _hostPorts;

    /// <summary>A cluster as a servo finds it: with a portal and a servo in it.</summary>
    public static SimulatedCluster Create(TimeProvider time)
    {
        var cluster = new SimulatedCluster(time);
        cluster.Start("marathon.portal", new ContainerDefinition("portal", "servo/portal") { Ports = [PortMapping.Control, new(9000, 9000)] }, 1);
        cluster.Start("marathon.servo", new ContainerDefinition("servo", "servo/servo") { Ports = [PortMapping.Control, new(5000, 5000)] }, 1);

        return cluster;
    }

    /// <summary>The pods of the clusters that match, in the order of their names; only those of <paramref name="sequences"/> where it is set.</summary>
    public IReadOnlyList<SimulatedPod> Find(string glob, IReadOnlyList<int>? sequences = null)
    {
        var pattern = new NamePattern(glob);

        return
        [
            .. _clusters.Where(cluster => pattern.Matches(cluster.Key))
                .SelectMany(cluster => cluster.Value.Values)
                .Where(pod => sequences?.Contains(pod.Sequence) ?? true),
        ];
    }

    public bool IsLeader(SimulatedPod pod) => _clusters[pod.Cluster].Keys.First() == pod.Sequence;

    /// <summary>Starts pods as a new application; empty where they do not all fit in.</summary>
    public IReadOnlyList<SimulatedPod> Start(string cluster, ContainerDefinition definition, int count)
    {
        // The date is the original's; the number keeps two applications of one second apart.
        var application = string.Create(CultureInfo.InvariantCulture, $"ochopod.{cluster}-{time.GetUtcNow():yyyy-MM-dd-HH-mm-ss}-{_applications++}");
        return Start(cluster, application, definition, count);
    }

    /// <summary>Starts more pods like one that there is.</summary>
    public IReadOnlyList<SimulatedPod> StartLike(SimulatedPod pod, int count) => Start(pod.Cluster, pod.Application, pod.Definition, count);

    public void Remove(IEnumerable<SimulatedPod> pods)
    {
        foreach (var pod in pods)
        {
            _clusters[pod.Cluster].Remove(pod.Sequence);

            if (_clusters[pod.Cluster].Count == 0)
                _clusters.Remove(pod.Cluster);
        }
    }

    private List<SimulatedPod> Start(string cluster, string application, ContainerDefinition definition, int count)
    {
        if (count > Capacity - _clusters.Values.Sum(pods => pods.Count))
            return [];

        var started = new List<SimulatedPod>();

        while (started.Count < count)
            started.Add(StartOne(cluster, application, definition));

        return started;
    }

    private SimulatedPod StartOne(string cluster, string application, ContainerDefinition definition)
    {
        var ports = definition.Ports.ToDictionary(port => port.Container, port => port.Host ?? NextHostPort());
        var pod = new SimulatedPod(cluster, NextSequence(cluster), application, definition, ports, time);
        pod.Write($"{pod.Name} runs {definition.Image}");

        if (definition.Start)
            pod.TurnOn();

        if (!_clusters.TryGetValue(cluster, out var pods))
            _clusters[cluster] = pods = [];

        return pods[pod.Sequence] = pod;
    }

    // A number is never given twice in a cluster, even when all its pods are gone.
    private int NextSequence(string cluster)
    {
        var sequence = _sequences.GetValueOrDefault(cluster);
        _sequences[cluster] = sequence + 1;
        return sequence;
    }

    private int NextHostPort() => FirstHostPort + _hostPorts++ % (ushort.MaxValue - FirstHostPort);
}
