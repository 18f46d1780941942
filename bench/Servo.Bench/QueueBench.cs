using System.Diagnostics;
using System.Globalization;
using Servo.Client;

namespace Servo.Bench;

/// <summary>
/// Measures many runs that wait for one lock, from the first request to the last end. Arguments: the published host (artifacts/host/Servo.WebHost.dll), runs (1,000).
/// </summary>
internal static class QueueBench
{
    private const string Token = "a-token-for-measurements-only-0123";
    private const string Holder = "import os, time\nwhile not os.path.exists(os.environ['GO']): time.sleep(0.01)\n";
    private const string Member = "import os\nopen(os.environ['STARTED'], 'a').write(os.environ['N'] + '\\n')\n";

    public static async Task RunAsync(string[] arguments)
    {
        var assembly = arguments.Length > 0 ? arguments[0] : "artifacts/host/Servo.WebHost.dll";
        var runs = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1_000;
        var root = Directory.CreateTempSubdirectory("servo-bench-").FullName;
        using var host = new BenchHost(assembly, root, Token);

        try
        {
            await host.StartAsync(("Servo__Runs__MaxQueued", runs.ToString(CultureInfo.InvariantCulture)));
            var bundle = Directory.CreateDirectory(Path.Join(root, "bundle")).FullName;
            await File.WriteAllTextAsync(Path.Join(bundle, "hold.py"), Holder);
            await File.WriteAllTextAsync(Path.Join(bundle, "member.py"), Member);
            await MeasureAsync(host, Bundle.FromDirectory(bundle), root, runs);
        }
        finally
        {
            host.Dispose();
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task MeasureAsync(BenchHost host, Bundle bundle, string root, int runs)
    {
        var client = new ServoClient(host.Url, new ServoCredential(Token));
        var (go, started) = (Path.Join(root, "go"), Path.Join(root, "started"));
        await client.StartAsync(bundle, ["hold.py"], Options(("GO", go)));
        var before = host.PeakMemory;
        var begun = Stopwatch.GetTimestamp();
        var ids = new List<string>();

        for (var n = 0; n < runs; n++)
            ids.Add((await client.StartAsync(bundle, ["member.py"], Options(("STARTED", started), ("N", n.ToString(CultureInfo.InvariantCulture))))).Id);

        var accepted = Stopwatch.GetElapsedTime(begun);
        var queued = host.PeakMemory;
        var positions = new[] { 0, runs / 2, runs - 1 };
        var arePlaced = true;

        foreach (var n in positions)
            arePlaced &= (await client.GetRunAsync(ids[n])).Position == n + 1;

        begun = Stopwatch.GetTimestamp();
        await File.WriteAllTextAsync(go, "");
        await client.WaitAsync(ids[^1]);
        var ended = Stopwatch.GetElapsedTime(begun);
        var order = (await File.ReadAllLinesAsync(started)).Select(line => int.Parse(line, CultureInfo.InvariantCulture));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs} runs accepted in {accepted.TotalSeconds:0.0} s, positions {(arePlaced ? "right" : "WRONG")}; one after the other they ended in {ended.TotalSeconds:0.0} s, "
            + $"{(order.SequenceEqual(Enumerable.Range(0, runs)) ? "each once and in order" : "OUT OF ORDER")}; "
            + $"peak memory {before / 1e6:0} MB before, {queued / 1e6:0} MB queued, {host.PeakMemory / 1e6:0} MB at the end"));
    }

    private static RunOptions Options(params (string Name, string Value)[] variables) =>
        new() { Locks = [new RunLock("one")], Variables = variables.ToDictionary(variable => variable.Name, variable => variable.Value) };
}
