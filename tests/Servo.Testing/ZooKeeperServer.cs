namespace Servo.Testing;

/// <summary>
/// A real ZooKeeper server (Debian's) on loopback, alone or one of an ensemble, with a data folder of its own. Its ticks are short, and so may
/// sessions be.
/// </summary>
public sealed class ZooKeeperServer : IAsyncDisposable
{
    private const string Jars = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar";

    private readonly TempDirectory _folder = new();
    private ChildProcess? _process;

    private ZooKeeperServer(int port, int number, string ensemble)
    {
        Port = port;
        Directory.CreateDirectory(_folder.File("data/version-2"));
        _folder.Write("data/myid", $"{number}\n");
        _folder.Write("zoo.cfg", $"""
            dataDir={_folder.Path}/data
            clientPort={port}
            clientPortAddress=127.0.0.1
            tickTime=100
            minSessionTimeout=200
            maxSessionTimeout=40000
            initLimit=100
            syncLimit=50
            admin.enableServer=false
            standaloneEnabled=true
            {ensemble}
            """);
    }

    /// <summary>Where clients connect to.</summary>
    public int Port { get; }

    /// <summary>The same as <c>host:port</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts a server that stands alone, and waits until it serves.</summary>
    public static async Task<ZooKeeperServer> StartAsync()
    {
        var server = new ZooKeeperServer(LoopbackPorts.Free(), 1, "");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts an ensemble, and waits until all its servers serve.</summary>
    public static async Task<IReadOnlyList<ZooKeeperServer>> StartEnsembleAsync(int count)
    {
        var ports = LoopbackPorts.Free(3 * count);
        var members = Enumerable.Range(1, count).Select(n => $"server.{n}=127.0.0.1:{ports[3 * n - 2]}:{ports[3 * n - 1]}");
        var ensemble = string.Join('\n', members);
        var servers = Enumerable.Range(1, count).Select(n => new ZooKeeperServer(ports[3 * n - 3], n, ensemble)).ToList();
        await Task.WhenAll(servers.Select(server => server.StartAgainAsync()));
        return servers;
    }

    /// <summary>Starts a server that was killed, on the same port with the same data, and waits until it serves.</summary>
    public async Task StartAgainAsync()
    {
        string[] machine = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
        string[] arguments = [.. machine, "-cp", Jars, "org.apache.zookeeper.server.quorum.QuorumPeerMain", _folder.File("zoo.cfg")];
        _process = ChildProcess.Start("java", arguments, new ProcessSettings { WorkingDirectory = _folder.Path, Timeout = TimeSpan.FromSeconds(60) });
        await _process.SeesAsync(Serves);
    }

    /// <summary>Kills the server: what it has acknowledged is on the disk.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;

        _process = null;
        await process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    // A leader, and a server that stands alone, says the first; a follower the second.
    private static bool Serves(string line) =>
        line.Contains("PrepRequestProcessor (sid:", StringComparison.Ordinal) || line.Contains("received UPTODATE", StringComparison.Ordinal);
}
