using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Servo.Domain;

namespace Servo.Ochopod.Deployment;

/// <summary>What the cluster's scheduler and the portal's <c>deploy</c> tell a container: variables of its environment, and files of its machine.</summary>
public sealed class PodEnvironment
{
    private const string Prefix = "ochopod_";
    private const string PortPrefix = "PORT_";

    private static readonly string[] _signs = ["ochopod_cluster", "ochopod_namespace", "MARATHON_APP_ID", "pod"];
    private readonly IReadOnlyDictionary<string, string> _variables;
    private readonly List<string> _problems = [];

    private PodEnvironment(IReadOnlyDictionary<string, string> variables) => _variables = variables;

    /// <summary>Whether the variables say that this is a container of such a cluster.</summary>
    public static bool IsThere(IReadOnlyDictionary<string, string> variables) => _signs.Any(variables.ContainsKey);

    /// <summary>Reads every variable; nothing is looked up over the network. A file that is not there counts as absent.</summary>
    /// <param name="variables">The environment.</param>
    /// <param name="readFile">Reads a file of the machine; <see langword="null"/> where there is none.</param>
    public static PodEnvironment Read(IReadOnlyDictionary<string, string> variables, Func<string, string?> readFile)
    {
        var pod = new PodEnvironment(variables);
        pod.IsLocal = pod.Flag("ochopod_local", false);
        pod.StartsOn = pod.Flag("ochopod_start", true);
        pod.ControlPort = pod.Port("ochopod_port", pod.Variable("ochopod_port") ?? "8080");
        pod.Ports = pod.ReadPorts();
        pod.Token = pod.ReadToken();
        pod.Application = pod.Required("MARATHON_APP_ID", "ochopod_application").TrimStart('/');
        pod.Task = pod.Required("MESOS_TASK_ID", "ochopod_task");
        pod.ZooKeeper = ZooKeeperServers.Read(pod.IsLocal, pod.Variable("ochopod_zk"), readFile, pod._problems);
        return pod;
    }

    /// <summary>What is wrong with the variables, a sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The namespace of its cluster.</summary>
    public string Namespace => Variable("ochopod_namespace") ?? "marathon";

    /// <summary>Its cluster.</summary>
    public string Cluster => Variable("ochopod_cluster") ?? "default";

    /// <summary>Whether there is no scheduler, and everything is on this machine.</summary>
    public bool IsLocal { get; private set; }

    /// <summary>Whether runs are taken before anybody turned the pod on.</summary>
    public bool StartsOn { get; private set; }

    /// <summary>The port of the control endpoint, inside the container.</summary>
    public int ControlPort { get; private set; }

    /// <summary>Ports of the container, with the ports of the machine that lead to them.</summary>
    public IReadOnlyDictionary<int, int> Ports { get; private set; } = new Dictionary<int, int>();

    /// <summary>The servo token that the deployment's settings name; <see langword="null"/> where they do not.</summary>
    public string? Token { get; private set; }

    /// <summary>The scheduler's name of the application, without the slash before it.</summary>
    public string Application { get; private set; } = "";

    /// <summary>The scheduler's name of this container.</summary>
    public string Task { get; private set; } = "";

    /// <summary>The machine's name; empty where the scheduler does not tell.</summary>
    public string Host => Variable("HOST") ?? "";

    /// <summary>The registry's servers, each <c>host:port</c>.</summary>
    public IReadOnlyList<string> ZooKeeper { get; private set; } = [];

    /// <summary>The members of the registration that the variables give; what the address adds comes later.</summary>
    public Dictionary<string, JsonNode?> ToSettings()
    {
        var settings = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);

        // Whatever else was set for pods is published as it is.
        foreach (var (name, value) in _variables)
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal))
                settings[name[Prefix.Length..]] = value;
        }

        settings["application"] = Application;
        settings["task"] = Task;
        settings["cluster"] = Cluster;
        settings["namespace"] = Namespace;
        settings["port"] = ControlPort.ToString(CultureInfo.InvariantCulture);
        settings["ports"] = new JsonObject(Ports.Select(port => KeyValuePair.Create(port.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)port.Value)));
        settings["debug"] = Flag("ochopod_debug", true) ? "true" : "false";
        settings["start"] = StartsOn ? "true" : "false";
        settings["local"] = IsLocal ? "true" : "false";
        settings["zk"] = string.Join(',', ZooKeeper);
        return settings;
    }

    /// <summary>Adds a problem that shows only beside other settings.</summary>
    public void Refuse(string problem) => _problems.Add(problem);

    private string? Variable(string name) => _variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private string Required(string name, string localName)
    {
        if (IsLocal)
            return Variable(localName) ?? "";

        if (Variable(name) is { } value)
            return value;

        _problems.Add($"{name} is not set. The scheduler sets it; outside of one, set ochopod_local=true.");
        return "";
    }

    private bool Flag(string name, bool otherwise)
    {
        switch (Variable(name)?.ToLowerInvariant())
        {
            case null: return otherwise;
            case "true": return true;
            case "false": return false;
            default:
                _problems.Add($"{name} must be true or false.");
                return otherwise;
        }
    }

    private int Port(string name, string value)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
            return port;

        _problems.Add($"{name} is not a port number: '{value}'.");
        return 0;
    }

    private Dictionary<int, int> ReadPorts()
    {
        var ports = new Dictionary<int, int>();

        foreach (var (name, value) in _variables)
        {
            // Marathon also sets PORT_<NAME>, for ports that have a name.
            if (name.StartsWith(PortPrefix, StringComparison.Ordinal) && name.Length > PortPrefix.Length && char.IsAsciiDigit(name[PortPrefix.Length]))
                ports[Port(name, name[PortPrefix.Length..])] = Port(name, value);
        }

        ports.TryAdd(ControlPort, ControlPort);
        return ports;
    }

    private string Checked(string token)
    {
        if (TokenText.Problem(token) is { } why)
            _problems.Add($"The token in the settings of the variable pod {why}.");

        return token;
    }

    private string? ReadToken()
    {
        if (Variable("pod") is not { } text)
            return null;

        try
        {
            if (JsonNode.Parse(text) is JsonObject settings)
            {
                switch (settings["token"])
                {
                    case null: return null;
                    case JsonValue value when value.TryGetValue<string>(out var token) && token.Length > 0: return Checked(TokenText.Trim(token));
                    default:
                        _problems.Add("The member 'token' of the settings in the variable pod must be a string that is not empty.");
                        return null;
                }
            }

            _problems.Add("The settings in the variable pod must be a JSON object.");
        }
        catch (JsonException e)
        {
            // Its message has the place; the settings themselves may hold the token.
            _problems.Add(string.Create(
                CultureInfo.InvariantCulture, $"The settings in the variable pod are not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."));
        }

        return null;
    }
}
