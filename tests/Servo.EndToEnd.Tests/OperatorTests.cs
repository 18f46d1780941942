using System.Diagnostics;
using System.Net;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>What an operator sees: configuration, admission, logs and the end of the host.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task Every_problem_of_the_configuration_is_listed_and_the_host_does_not_start()
    {
        using var folder = new TempDirectory();
        var result = await ChildProcess.TryAsync(folder.Path, "env", "Servo__Uploads__MaxBytes=lots", "Servo__Scripts__Timeout=-1", "Servo__Portal__Mode=Ochothon",
            "Servo__Portal__Token=x", "Servo__Workspace__Root=/no/such/place", "Servo__Archive__MaxBytes=5", "dotnet", Gateway.HostAssembly, "--urls", "http://127.0.0.1:0");

        result.ExitCode.ShouldBe(1);
        foreach (var key in new[] { "Servo:Uploads:MaxBytes", "Servo:Scripts:Timeout", "Servo:Portal:Url", "Servo:Workspace:Root", "Servo:Archive:MaxBytes" })
            result.Error.ShouldContain(key);
    }

    [Fact]
    public async Task A_token_that_was_not_set_is_drawn_and_printed_once()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Token", ""));
        await gateway.StopAsync();

        var line = gateway.Log.Split('\n').Single(line => line.StartsWith("Servo token", StringComparison.Ordinal));
        var token = line.Split(": ")[^1];
        token.Length.ShouldBe(32);
        token.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/').ShouldBeTrue();
        gateway.Log.Split(token).Length.ShouldBe(2);
    }

    [Fact]
    public async Task An_interpreter_that_is_missing_keeps_the_host_from_being_ready()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Python", "no-such-python"));
        using var http = new HttpClient();

        var ready = await http.GetAsync($"{gateway.Url}/ready");

        ((int)ready.StatusCode).ShouldBe(503);
        (await ready.Content.ReadAsStringAsync()).ShouldContain("Servo:Scripts:Python");
        ((int)(await http.GetAsync($"{gateway.Url}/health")).StatusCode).ShouldBe(200);

        using var caller = new Caller(gateway).With("a.py", "");
        var answer = await caller.RunAsync("a.py");
        answer.FailureKind.ShouldBe("gateway-fault");
        answer.Log[^1].ShouldContain("no-such-python");
    }

    [Fact]
    public async Task A_fault_is_a_500_that_says_nothing_of_its_inside_which_is_in_the_log()
    {
        await using var gateway = await Gateway.StartAsync();
        var runs = Path.Join(gateway.RuntimeDirectory, "runs");
        await Eventually.HoldsAsync(() => !Directory.EnumerateFileSystemEntries(runs).Any(), runs);
        Directory.Delete(runs);
        await File.WriteAllTextAsync(runs, "in the way", TestContext.Current.CancellationToken);
        using var caller = new Caller(gateway).With("a.py", "");

        var answer = await caller.RunAsync("a.py");

        answer.Status.ShouldBe(500);
        answer.ContentType.ShouldBe("application/problem+json");
        answer.Body.ShouldNotContain(gateway.RuntimeDirectory);
        await gateway.StopAsync();
        gateway.Log.ShouldContain("DirectoryNotFoundException");
        gateway.Log.ShouldContain(runs);
    }

    [Fact]
    public async Task A_run_past_the_places_is_429_and_those_in_the_queue_run_later()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Runs__MaxConcurrent", "1"), ("Servo__Runs__MaxQueued", "1"));
        using var caller = new Caller(gateway).With("wait.py", "import time\ntime.sleep(4)\n");

        var runs = new[] { caller.RunAsync("wait.py"), caller.RunAsync("wait.py") };
        await Eventually.HoldsAsync(() => gateway.Workspaces.Count(workspace => File.Exists(Path.Join(workspace, "upload"))) == 2, gateway.RuntimeDirectory);
        await TakenAsync(gateway);
        var busy = await caller.RunAsync("wait.py", "-i");
        var answers = await Task.WhenAll(runs);

        busy.Status.ShouldBe(429);
        // Five seconds, while nothing is known of how long runs take, and less once the first has run for some of them.
        busy.Body.ShouldMatch("Retry-After: [1-5]\r?\n");
        answers.ShouldAllBe(answer => answer.Ok);
    }

    /// <summary>Waits until the host says that all places of runs are taken.</summary>
    private static async Task TakenAsync(Gateway gateway)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        while ((await http.GetAsync($"{gateway.Url}/ready", limit.Token)).IsSuccessStatusCode)
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_refuses_new_runs_and_finishes_those_in_progress()
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("wait.py", "import time\nopen('up', 'w').close()\ntime.sleep(6)\nprint('finished')\n");
        var run = caller.RunAsync("wait.py");
        await Eventually.HoldsAsync(() => gateway.Workspaces.Any(workspace => File.Exists(Path.Join(workspace, "bundle/up"))), gateway.RuntimeDirectory);

        var stop = gateway.StopAsync();
        await Task.Delay(500, TestContext.Current.CancellationToken);
        var late = await caller.RunAsync("wait.py", "-i");
        late.Status.ShouldBe(503);
        late.Body.ShouldContain("Retry-After:");

        (await run).LogAfterVariables.ShouldContain("finished");
        (await stop).ShouldBe(0);
    }

    [Fact]
    public async Task A_host_that_stops_or_is_killed_leaves_no_process_and_a_stopped_one_no_directory()
    {
        var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("daemon.py", """
            import subprocess, sys, time
            subprocess.Popen(['sleep', '54321'], start_new_session=True)
            open('up', 'w').close()
            time.sleep(60)
            """);
        var run = caller.RunAsync("daemon.py");
        await Eventually.HoldsAsync(() => gateway.Workspaces.Any(workspace => File.Exists(Path.Join(workspace, "bundle/up"))), gateway.RuntimeDirectory);
        Daemons().Length.ShouldBe(1);

        using (var host = Process.GetProcessById(gateway.ProcessId))
        {
            host.Kill();
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Should.ThrowAsync<InvalidOperationException>(() => run);
        await ShouldEndAsync();
        await gateway.DisposeAsync();

        static string[] Daemons() => [.. Process.GetProcessesByName("sleep").Select(CommandLineOf).Where(line => line.Contains("54321", StringComparison.Ordinal))];

        // One of another test may end meanwhile.
        static string CommandLineOf(Process process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline");
            }
            catch (IOException)
            {
                return "";
            }
        }

        static async Task ShouldEndAsync()
        {
            for (var i = 0; i < 100 && Daemons().Length > 0; i++)
                await Task.Delay(100);

            Daemons().ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_run_leaves_a_line_at_its_beginning_and_one_at_its_end_in_the_log_that_hold_no_secret()
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("a.py", "print('said by the script')");
        var id = (await caller.RunAsync("a.py", "-H", "X-Var-Password: swordfish")).Json.GetProperty("id").GetString();
        await gateway.StopAsync();

        var lines = gateway.Log.Split('\n').Where(line => line.Contains($"Run {id} of a.py", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(2);
        lines[0].ShouldContain("began");
        lines[1].ShouldContain("succeeded");
        gateway.Log.ShouldNotContain("swordfish");
        gateway.Log.ShouldNotContain("said by the script");
        gateway.Log.ShouldNotContain("sha1=");
        gateway.Log.ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task A_log_that_nobody_reads_holds_no_run_up()
    {
        await using var gateway = await Gateway.StartAsync(("Logging__Console__MaxQueueLength", "10"));
        using var caller = new Caller(gateway).With("a.py", "print('ran')");
        using var http = new HttpClient();
        gateway.PauseLog();

        // More than what the pipe takes.
        for (var i = 0; i < 600; i++)
            (await http.GetAsync($"{gateway.Url}/nothing/{new string('x', 300)}", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await caller.RunAsync("a.py")).LogAfterVariables[0].ShouldBe("ran");
        gateway.ResumeLog();
        await http.GetAsync($"{gateway.Url}/nothing", TestContext.Current.CancellationToken);
        (await gateway.StopAsync()).ShouldBe(0);
        gateway.Log.ShouldContain("dropped because of queue size limit");
    }

    [Fact]
    public async Task A_host_that_is_killed_has_logged_which_run_was_in_progress()
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("wait.py", "import time\nopen('up', 'w').close()\ntime.sleep(60)\n");
        var run = caller.RunAsync("wait.py");
        await Eventually.HoldsAsync(() => gateway.Workspaces.Any(workspace => File.Exists(Path.Join(workspace, "bundle/up"))), gateway.RuntimeDirectory);
        await gateway.LogsAsync("of wait.py began");

        await gateway.KillAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => run);
        gateway.Log.Split('\n').Count(line => line.Contains("of wait.py began", StringComparison.Ordinal)).ShouldBe(1);
    }
}
