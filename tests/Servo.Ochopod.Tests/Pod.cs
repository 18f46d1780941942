using System.Globalization;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>The published host as a pod of its own on this machine, with the environment that a scheduler and the tool <c>deploy</c> give.</summary>
public sealed class Pod : IAsyncDisposable
{
    private Pod(Gateway host, int controlPort) => (Host, ControlPort) = (host, controlPort);

    public Gateway Host { get; }

    public int ControlPort { get; }

    /// <summary>Starts a pod of the cluster <c>marathon.servo</c>, local unless the settings say otherwise.</summary>
    public static async Task<Pod> StartAsync(string zooKeeper, params (string Name, string Value)[] settings)
    {
        var control = LoopbackPorts.Free();
        var text = control.ToString(CultureInfo.InvariantCulture);
        (string, string)[] environment =
        [
            ("Servo__Token", ""),
            ("ochopod_local", "true"),
            ("ochopod_zk", $"zk://{zooKeeper}/mesos"),
            ("ochopod_cluster", "servo"),
            ("ochopod_namespace", "marathon"),
            ("ochopod_application", "ochopod.marathon.servo-2016-02-11"),
            ("ochopod_task", "task-1"),
            ("ochopod_port", text),
            ($"PORT_{text}", text),
            ("pod", $$"""{"token": "{{Gateway.Token}}"}"""),
            .. settings,
        ];

        return new Pod(await Gateway.StartAsync(environment), control);
    }

    /// <summary>Asks the control endpoint without a body, as the tools do.</summary>
    public async Task<(int Status, string Body)> PostAsync(string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{ControlPort}/{path}");

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Asks again, a bounded number of times, until the pod says that it is in a state.</summary>
    public Task ReachesAsync(string state) => ShowsAsync("state", state);

    /// <summary>Asks again, a bounded number of times, until a member of what the pod says of itself is as wanted.</summary>
    public Task ShowsAsync(string member, string text) => ShowsAsync(member, shown => shown == text);

    /// <summary>The same; an absent member is empty.</summary>
    public Task ShowsAsync(string member, Func<string, bool> isWanted) =>
        SoonAsync(async () => isWanted(JsonDocument.Parse((await PostAsync("info")).Body).RootElement.TryGetProperty(member, out var value) ? value.GetString()! : ""),
            () => $"The pod did not show the {member} that was wanted:\n{Host.Log}");

    /// <summary>Ends the host as a power failure does.</summary>
    public async Task KillAsync() => await ChildProcess.RunAsync("/", "kill", "-KILL", $"{Host.ProcessId}");

    public static Task SoonAsync(Func<bool> condition) => SoonAsync(() => Task.FromResult(condition()));

    public static Task SoonAsync(Func<Task<bool>> condition) => SoonAsync(condition, () => "It did not happen within half a minute.");

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    // What another process says of itself over HTTP has no event to wait for.
    private static async Task SoonAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));

        for (var look = 0; look < 600; look++)
        {
            if (await condition())
                return;

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        throw new TimeoutException(otherwise());
    }
}
