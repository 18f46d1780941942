using System.Diagnostics;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary><c>GET /ready</c> tells the truth, soon and cheaply.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _folder.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task An_interpreter_that_is_removed_is_noticed_and_so_is_its_return()
    {
        var python = _folder.File("python");
        File.CreateSymbolicLink(python, await Python.ExecutableAsync());
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Python", python));
        await ShouldBecomeAsync(gateway, 200);

        File.Delete(python);
        (await ShouldBecomeAsync(gateway, 503)).ShouldContain("Servo:Scripts:Python");

        File.CreateSymbolicLink(python, await Python.ExecutableAsync());
        await ShouldBecomeAsync(gateway, 200);
    }

    [Fact]
    public async Task An_interpreter_that_hangs_is_noticed_and_started_once_however_many_ask()
    {
        var started = _folder.File("started");
        var python = Launcher(started, "exec sleep 600");
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Python", python));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _http.GetAsync($"{gateway.Url}/ready")));

        answers.ShouldAllBe(answer => (int)answer.StatusCode == 503);
        File.ReadAllLines(started).Length.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Many_that_ask_share_one_probe()
    {
        var started = _folder.File("started");
        var python = Launcher(started, $"exec '{await Python.ExecutableAsync()}' \"$@\"");
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Python", python));

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => _http.GetAsync($"{gateway.Url}/ready")));

        answers.DistinctBy(answer => answer.StatusCode).Count().ShouldBe(1);
        await ShouldBecomeAsync(gateway, 200);
        File.ReadAllLines(started).Length.ShouldBe(1, "a launcher is asked once for the interpreter behind it");
    }

    [Fact]
    public async Task An_interpreter_that_starts_slower_than_a_probe_waits_gets_ready_all_the_same()
    {
        var started = _folder.File("started");
        var python = Launcher(started, $"sleep 7; exec '{await Python.ExecutableAsync()}' \"$@\"");
        await using var gateway = await Gateway.StartAsync(("Servo__Scripts__Python", python));

        (await ShouldBecomeAsync(gateway, 503)).ShouldContain("did not answer within 5 seconds");
        await ShouldBecomeAsync(gateway, 200);

        File.ReadAllLines(started).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_runtime_directory_that_is_removed_or_replaced_is_noticed()
    {
        await using var gateway = await Gateway.StartAsync();
        await ShouldBecomeAsync(gateway, 200);
        var directory = gateway.RuntimeDirectory;

        Directory.Move(directory, directory + ".moved");
        await ShouldBecomeAsync(gateway, 503);

        await ChildProcess.RunAsync("/", "cp", "-a", directory + ".moved", directory);
        (await ShouldBecomeAsync(gateway, 503)).ShouldContain("replaced");

        Directory.Delete(directory, recursive: true);
        Directory.Move(directory + ".moved", directory);
        await ShouldBecomeAsync(gateway, 200);
    }

    [Fact]
    public async Task A_folder_for_runs_that_is_moved_away_is_noticed_and_so_is_its_return()
    {
        var state = _folder.File("state");
        await using var gateway = await Gateway.StartAsync(("Servo__State__Root", state));
        await ShouldBecomeAsync(gateway, 200);

        Directory.Move(state, state + ".moved");
        (await ShouldBecomeAsync(gateway, 503)).ShouldContain("Runs cannot be kept below Servo:State:Root");

        Directory.Move(state + ".moved", state);
        await ShouldBecomeAsync(gateway, 200);
    }

    /// <summary>An interpreter that notes each of its starts.</summary>
    private string Launcher(string started, string command)
    {
        var python = _folder.Write("python", $"#!/bin/sh\necho x >> '{started}'\n{command}\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return python;
    }

    /// <summary>Asks until the answer has this status; it may be a second old.</summary>
    private async Task<string> ShouldBecomeAsync(Gateway gateway, int status)
    {
        var limit = Stopwatch.StartNew();

        while (true)
        {
            // Older answers have run out by now.
            await Task.Delay(1100, TestContext.Current.CancellationToken);
            using var answer = await _http.GetAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            if ((int)answer.StatusCode == status)
                return body;

            limit.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), body);
        }
    }
}
