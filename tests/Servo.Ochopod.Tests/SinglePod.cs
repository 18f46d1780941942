using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>One pod that leads its cluster, a portal, and the cluster's tools.</summary>
public class SinglePod : IAsyncLifetime
{
    public const string Name = "marathon.servo #0";

    private ZooKeeperServer _zooKeeper = null!;

    public TempDirectory Folder { get; } = new();

    public Portal Portal { get; private set; } = null!;

    public Pod Pod { get; private set; } = null!;

    public Toolset Tools { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _zooKeeper = await ZooKeeperServer.StartAsync();
        Portal = await Portal.StartAsync(_zooKeeper.Address, "portal-token");
        Pod = await Pod.StartAsync(_zooKeeper.Address);
        Tools = new Toolset(_zooKeeper.Address, Folder.Path);
        await Tools.UntilAsync("grep *servo", found => found.TryGetProperty(Name, out var pod) && pod.GetProperty("state").GetString() == "leader");
    }

    public async ValueTask DisposeAsync()
    {
        await Pod.DisposeAsync();
        await Portal.DisposeAsync();
        await _zooKeeper.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public static string[] Lines(JsonElement answer) => [.. answer.GetProperty("stdout").EnumerateArray().Select(line => line.GetString()!)];

    public async Task PackAsync(string script)
    {
        Folder.Write("a.py", script);
        await ChildProcess.RunAsync(Folder.Path, "tar", "zcf", Folder.File("x.tgz"), "a.py");
    }
}
