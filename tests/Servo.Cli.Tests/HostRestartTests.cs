using System.Globalization;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>A gateway whose host ends and starts again at the same address: who follows a run goes on by itself, and no line is lost or doubled.</summary>
public sealed class HostRestartTests : IDisposable
{
    /// <summary>Prints lines without a pause, until a file tells it to end.</summary>
    private const string Printing =
        "import os, sys, time\nn = 0\nwhile not os.path.exists(os.environ['END']):\n    print('line', n, flush=True)\n    n += 1\n    time.sleep(0.002)\n"
        + "print('last', n)\n";

    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _state = TempDirectory.ForGateway();

    public HostRestartTests()
    {
        _folder.Write("deploy/print.py", Printing);
        _folder.Write("deploy/later.py", "for n in range(1000): print('line', n)\nprint('last', 1000)\nraise SystemExit(3)\n");
    }

    private string End => _folder.File("end");

    public void Dispose()
    {
        _folder.Dispose();
        _state.Dispose();
    }

    [Fact]
    public async Task A_stop_that_lets_the_run_end_loses_nothing_and_who_follows_the_next_run_sees_it_on_the_next_host()
    {
        string url, running, queued;
        ChildProcess printed, waited, followed;

        await using (var first = await StartAsync())
        {
            url = first.Url;
            running = await DetachAsync(url, "print.py", "--lock", "one", "--var", $"END={End}");
            queued = await DetachAsync(url, "later.py", "--lock", "one");
            printed = Start(url, "logs", "-f", running);
            followed = Start(url, "logs", "-f", queued);
            waited = Start(url, "wait", queued);
            await printed.SeesAsync(line => line == "line 100");

            var stop = first.StopAsync();
            await Unready(first);
            await File.WriteAllTextAsync(End, "", TestContext.Current.CancellationToken);
            (await stop).ShouldBe(0);
        }

        await using (printed)
        await using (followed)
        await using (waited)
        await using (await RestartAsync(url))
        {
            await EndsWithAsync(printed, 0, lines => lines.ShouldBeGreaterThan(100));
            await EndsWithAsync(followed, 0, lines => lines.ShouldBe(1000));

            var ended = await waited.EndAsync();
            ended.ExitCode.ShouldBe(1, ended.Error);
            ended.Error.ShouldContain($"The connection to run {queued} broke: trying to follow it again.\n");
            ended.Error.ShouldContain($"run {queued} failed: later.py failed on exit code 3");
            (await ServoTool.RunAsync(_folder.Path, Environment(url), "wait", running)).ExitCode.ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_run_that_a_stop_keeps_from_its_start_is_a_refusal_once_it_is_not_retried()
    {
        await using var gateway = await StartAsync();
        await DetachAsync(gateway.Url, "print.py", "--lock", "one", "--var", $"END={End}");
        await using var run = Start(gateway.Url, "run", "deploy", "later.py", "--lock", "one", "--retries", "0", "--json");
        await run.SeesAsync(line => line.Contains(" waits for ", StringComparison.Ordinal));

        var stop = gateway.StopAsync();
        var result = await run.EndAsync();

        result.ExitCode.ShouldBe(3, result.Error);
        result.Error.ShouldContain("the run never started: the gateway is shutting down; post it again.");
        System.Text.Json.JsonDocument.Parse(result.Output).RootElement.GetProperty("error").GetProperty("kind").GetString().ShouldBe("unavailable");
        await File.WriteAllTextAsync(End, "", TestContext.Current.CancellationToken);
        (await stop).ShouldBe(0);
    }

    [Fact]
    public async Task A_kill_leaves_a_run_that_is_lost_with_the_lines_it_had()
    {
        string url;
        ChildProcess run, followed;
        string id;

        await using (var first = await StartAsync())
        {
            url = first.Url;
            run = Start(url, "run", "deploy", "print.py", "--var", $"END={End}");
            var accepted = await run.SeesAsync(line => line.StartsWith("started run ", StringComparison.Ordinal));
            id = accepted["started run ".Length..];
            followed = Start(url, "logs", "-f", id);
            await run.SeesAsync(line => line == "line 200");
            await followed.SeesAsync(line => line == "line 100");
            await first.KillAsync();
        }

        await using (run)
        await using (followed)
        await using (await RestartAsync(url))
        {
            var kept = 0;
            var result = await run.EndAsync();
            result.ExitCode.ShouldBe(1, result.Error);
            result.Error.ShouldContain($"The connection to run {id} broke: trying to follow it again.\n");
            result.Error.ShouldMatch($"run {id} failed: .* \\(lost\\)\n");
            await EndsWithAsync(followed, 0, lines => kept = lines);
            kept.ShouldBeGreaterThan(200);
            Lines(result.Output).ShouldBe(Numbered(kept));

            var log = await ServoTool.RunAsync(_folder.Path, Environment(url), "logs", id);
            Lines(log.Output).ShouldBe(Numbered(kept));
        }
    }

    /// <summary>Ends with this exit code, after each line of the script, once and in order.</summary>
    private static async Task EndsWithAsync(ChildProcess tool, int exitCode, Action<int> check)
    {
        var result = await tool.EndAsync();
        result.ExitCode.ShouldBe(exitCode, result.Error);
        var lines = Lines(result.Output);
        lines.ShouldBe(Numbered(lines.Length));
        check(lines.Length);
    }

    private static string[] Lines(string output) => [.. output.Split('\n').Where(line => line.StartsWith("line ", StringComparison.Ordinal))];

    private static IEnumerable<string> Numbered(int count) => Enumerable.Range(0, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"line {n}"));

    private async Task<string> DetachAsync(string url, params string[] arguments)
    {
        var result = await ServoTool.RunAsync(_folder.Path, Environment(url), ["run", "deploy", .. arguments, "--detach"]);
        result.ExitCode.ShouldBe(0, result.Error);
        return result.Output.Trim();
    }

    private ChildProcess Start(string url, params string[] arguments) => ServoTool.Start(_folder.Path, Environment(url), arguments);

    private static (string, string?)[] Environment(string url) => [("SERVO_URL", url), ("SERVO_TOKEN", Gateway.Token)];

    private Task<Gateway> StartAsync() => Gateway.StartAsync(("Servo__State__Root", _state.File("state")));

    private Task<Gateway> RestartAsync(string url) => Gateway.StartAtAsync(url, ("Servo__State__Root", _state.File("state")));

    /// <summary>Waits until the host takes no more runs.</summary>
    private static async Task Unready(Gateway gateway)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

        while ((await http.GetAsync(new Uri($"{gateway.Url}/ready"))).IsSuccessStatusCode)
            await Task.Delay(20);
    }
}
