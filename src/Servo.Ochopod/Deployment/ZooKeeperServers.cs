namespace Servo.Ochopod.Deployment;

/// <summary>Finds the registry's servers where the machine's Mesos agent, or the environment, names them.</summary>
internal static class ZooKeeperServers
{
    private const string Variable = "MESOS_MASTER=";
    private static readonly string[] _agentFiles = ["/opt/mesosphere/etc/mesos-slave-common", "/opt/mesosphere/etc/mesos-slave"];

    public static IReadOnlyList<string> Read(bool isLocal, string? environment, Func<string, string?> readFile, List<string> problems)
    {
        if (Address(isLocal, environment, readFile) is not { } address)
        {
            problems.Add("No ZooKeeper is known: set ochopod_zk, such as zk://10.0.0.1:2181,10.0.0.2:2181/mesos, or mount /etc/mesos of the machine.");
            return [];
        }

        var servers = Authority(address).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var odd = servers.Where(server => !Uri.TryCreate($"zk://{server}", UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Port <= 0).ToList();

        if (servers.Length == 0 || odd.Count > 0)
            problems.Add($"'{address}' names no ZooKeeper servers: expected zk://host:port[,host:port...][/path].");

        return servers;
    }

    private static string? Address(bool isLocal, string? environment, Func<string, string?> readFile)
    {
        if (isLocal)
            return environment ?? "127.0.0.1:2181";

        foreach (var file in _agentFiles)
        {
            if (Lines(readFile(file)).FirstOrDefault(line => line.StartsWith(Variable, StringComparison.Ordinal)) is { } line)
                return line[Variable.Length..].Trim('"', '\'', ' ');
        }

        return Lines(readFile("/etc/mesos/zk")).FirstOrDefault() ?? environment;
    }

    /// <summary>What stands between the scheme and the path; the path is Mesos' own.</summary>
    private static string Authority(string address)
    {
        var rest = address.Contains("://", StringComparison.Ordinal) ? address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..] : address;
        return rest.Split('/', 2)[0];
    }

    private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
