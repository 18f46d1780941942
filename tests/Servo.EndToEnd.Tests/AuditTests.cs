using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>The audit record of a host: who had what done.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_its_commands_and_its_cancellation_are_recorded_and_survive_a_kill()
    {
        string run, cancelled, lost;

        await using (var gateway = await StartAsync())
        {
            using var api = new RunsApi(gateway);
            run = await api.PostDetachedAsync(
                """
                from servo import servo
                with servo() as proxy:
                    proxy('ls')
                    try: proxy('no-such-command "x"\t\x1b[2J')
                    except BaseException: pass
                """,
                ("X-Var-Zone", "v4lue"),
                ("X-Lock", "web;shared, db"));
            await api.ReachesAsync(run, "succeeded", "failed");
            cancelled = await api.PostDetachedAsync("import time\nprint('began', flush=True)\ntime.sleep(60)");
            await api.SaysAsync(cancelled, "began");
            await api.CancelAsync(cancelled);
            lost = await api.PostDetachedAsync("import time\nprint('began', flush=True)\ntime.sleep(60)");
            await api.SaysAsync(lost, "began");
            await RecordedAsync(lost, "run-started");
            await gateway.KillAsync();
        }

        Of(lost).Select(record => Text(record, "event")).ShouldBe(["run-accepted", "run-started"]);
        await using (var next = await StartAsync())
            (await next.StopAsync()).ShouldBe(0);

        var records = Of(run);
        records.Select(record => Text(record, "event")).ShouldBe(["run-accepted", "run-started", "portal-command", "portal-command", "run-ended"]);
        var accepted = records[0];
        Text(accepted, "caller").ShouldStartWith("127.0.0.1:");
        Text(accepted, "sha256").Length.ShouldBe(64);
        Texts(accepted, "scripts").ShouldBe(["a.py"]);
        Texts(accepted, "variables").ShouldBe(["ZONE"]);
        Texts(accepted, "locks").ShouldBe(["db", "web;shared"]);
        (Text(records[2], "command"), Text(records[2], "outcome")).ShouldBe(("ls -j", "succeeded"));
        (Text(records[3], "command"), Text(records[3], "outcome")).ShouldBe(("no-such-command \"x\"\t\u001b[2J -j", "failed"));
        records.Select(record => record.GetProperty("at").GetDateTimeOffset()).ShouldBeInOrder();

        Of(cancelled).Select(record => Text(record, "event")).ShouldBe(["run-accepted", "run-started", "run-ended", "cancel"]);
        Text(Of(cancelled)[3], "caller").ShouldStartWith("127.0.0.1:");
        Text(Of(cancelled)[3], "state").ShouldBe("cancelled");
        Text(Of(lost)[2], "state").ShouldBe("lost");
        string.Concat(Lines()).ShouldNotContain("v4lue");
    }

    // The script fills the file system to its last byte, which the record must grow past, and makes room again.
    [Fact]
    public async Task What_a_full_disk_keeps_from_the_record_is_in_it_once_there_is_room()
    {
        await using var gateway = await Gateway.StartOnSmallStateAsync("size=6m", ("Servo__Portal__Mode", "Embedded"), ("XDG_STATE_HOME", _folder.Path));
        using var api = new RunsApi(gateway);
        var state = Path.Join(_folder.Path, "servo");

        using var response = await api.PostAsync(
            """
            import glob, os, time
            from servo import servo
            state = os.environ['STATE']
            size = 1 << 20
            with open(state + '/filler', 'ab', 0) as filler:
                while size:
                    try: filler.write(b'x' * size)
                    except OSError: size //= 2
            with servo() as proxy:
                for i in range(100): proxy('ls no-such-cluster-%03d-%s' % (i, 'x' * 200))
            os.remove(state + '/filler')
            def record(): return ''.join(open(each).read() for each in sorted(glob.glob(state + '/audit/*')))
            until = time.monotonic() + 60
            while record().count('portal-command') < 100 and time.monotonic() < until: time.sleep(0.05)
            print(record(), end='')
            """,
            ("X-Var-State", state));

        var log = (await RunsApi.JsonOf(response)).GetProperty("log").EnumerateArray().Select(line => line.GetString()!).Where(line => line.StartsWith('{')).ToList();
        log.Select(line => Text(JsonDocument.Parse(line).RootElement, "event"))
            .ShouldBe(["run-accepted", "run-started", .. Enumerable.Repeat("portal-command", 100)]);
        log.Skip(2).Select(line => Text(JsonDocument.Parse(line).RootElement, "command")[..22]).ShouldBe(Enumerable.Range(0, 100).Select(i => $"ls no-such-cluster-{i:000}-"[..22]));
        await gateway.LogsAsync("The audit record cannot be written");
        await gateway.LogsAsync("The audit record is written again");
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(("Servo__State__Root", _folder.File("state")), ("Servo__Portal__Mode", "Embedded"));

    private Task RecordedAsync(string run, string name) =>
        RunsApi.HoldsAsync(() => Task.FromResult(Of(run).Any(record => Text(record, "event") == name)), $"{name} of {run}");

    private List<JsonElement> Of(string run) =>
        [.. Lines().Select(line => JsonDocument.Parse(line).RootElement).Where(record => Text(record, "run") == run)];

    // The last line may be on its way.
    private IEnumerable<string> Lines() =>
        Directory.GetFiles(_folder.File("state/audit")).Order(StringComparer.Ordinal).SelectMany(file => File.ReadAllText(file).Split('\n')[..^1]);

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;

    private static IEnumerable<string?> Texts(JsonElement record, string name) => record.GetProperty(name).EnumerateArray().Select(value => value.GetString());
}
