using System.Diagnostics;
using System.Text.Json;
using Servo.Testing;

namespace Servo.Cli.Tests;

/// <summary>Ctrl-C and TERM: exit code 130, soon, and nothing left.</summary>
public sealed class InterruptionTests(PublishedGateway gateway) : IClassFixture<PublishedGateway>, IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_run_is_cancelled(string signal)
    {
        _folder.Write("deploy/slow.py", Scripts.Waiting);
        Directory.CreateDirectory(Path.Join(_folder.Path, "tmp"));
        await using var tool = ServoTool.Start(_folder.Path, [.. gateway.Environment, ("TMPDIR", Path.Join(_folder.Path, "tmp"))], "run", "deploy", "slow.py");
        await Scripts.ReadToFirstAsync(tool);

        var watch = Stopwatch.StartNew();
        await tool.SignalAsync(signal);
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(130);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        result.Output.ShouldNotContain("second");
        result.Error.ShouldMatch("started run (\\w+)\ncancelling run \\1; interrupt again to leave it\n(.*\n)*servo: Interrupted\\. The run \\1 was cancelled\\.\n\\z");
        Directory.GetFiles(Path.Join(_folder.Path, "tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_signal_leaves_the_run_and_names_it()
    {
        _folder.Write("deploy/a.py", "");
        await using var server = await DurableGateway.StartAsync(DurableGateway.Accepted + DurableGateway.Started + "^hang^");
        server.Answer = static async context =>
        {
            if (context.Request.Method == "DELETE")
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);

            return context.Request.Method == "DELETE";
        };
        await using var tool = ServoTool.Start(
            _folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", DurableGateway.Token)], "run", "deploy", "a.py");
        await tool.SeesAsync(line => line == "started run r1");

        await tool.SignalAsync("INT");
        await tool.SeesAsync(line => line.StartsWith("cancelling run r1", StringComparison.Ordinal));
        await tool.SignalAsync("INT");
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(130);
        result.Error.ShouldEndWith("servo: Interrupted. The run r1 is not stopped by this: 'servo wait r1' follows it.\n");
    }

    [Fact]
    public async Task Json_names_a_run_that_had_begun()
    {
        _folder.Write("deploy/slow.py", Scripts.Waiting);
        await using var tool = ServoTool.Start(_folder.Path, gateway.Environment, "run", "deploy", "slow.py", "--json");
        await tool.SeesAsync(line => line.StartsWith("started run ", StringComparison.Ordinal));

        await tool.SignalAsync("TERM");
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(130);
        result.Error.ShouldContain($"started run {JsonDocument.Parse(result.Output).RootElement.GetProperty("error").GetProperty("runId").GetString()}\n");
    }

    [Fact]
    public async Task Json_tells_it_too()
    {
        _folder.Write("deploy/a.py", "");
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WebServer.StartAsync(async (_, context) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });
        await using var tool = ServoTool.Start(
            _folder.Path, [("SERVO_URL", server.Url.OriginalString), ("SERVO_TOKEN", Gateway.Token)], "run", "deploy", "a.py", "--json");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await tool.SignalAsync("INT");
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(130);
        result.Output.ShouldBe("""{"ok":false,"error":{"kind":"interrupted","detail":"Interrupted. The upload was complete, so a run may have started: check the gateway's log."}}""" + "\n");
    }

    [Fact]
    public async Task A_half_written_archive_is_not_left()
    {
        Directory.CreateDirectory(Path.Join(_folder.Path, "deploy"));
        // Larger than anything that is packed before the signal comes; it takes no room on the disk.
        await using (var large = File.Create(Path.Join(_folder.Path, "deploy/large")))
            large.SetLength(64L << 30);
        Directory.CreateDirectory(Path.Join(_folder.Path, "out"));
        await using var tool = ServoTool.Start(_folder.Path, [], "pack", "deploy", "-o", "out/x.tgz");
        await Eventually.HoldsAsync(
            () => Directory.GetFiles(Path.Join(_folder.Path, "out")) is [var file] && new FileInfo(file).Length > 0,
            Path.Join(_folder.Path, "out"));

        await tool.SignalAsync("INT");
        var result = await tool.EndAsync();

        result.ExitCode.ShouldBe(130);
        result.Error.ShouldBe("servo: Interrupted.\n");
        Directory.GetFileSystemEntries(Path.Join(_folder.Path, "out")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_that_cannot_be_called_off_does_not_hold_it_up()
    {
        await using var tool = ServoTool.Start(_folder.Path, [("SERVO_TOKEN", Gateway.Token)], "sign", await FifoAsync());
        // Opening the other end waits until the tool reads.
        await using var writer = await Task.Run(() => new FileStream(Path.Join(_folder.Path, "fifo"), FileMode.Open, FileAccess.Write))
            .WaitAsync(TimeSpan.FromSeconds(60));

        await tool.SignalAsync("INT");

        (await tool.EndAsync()).ExitCode.ShouldBe(130);
    }

    private async Task<string> FifoAsync()
    {
        await ChildProcess.RunAsync(_folder.Path, "mkfifo", "fifo");
        return "fifo";
    }
}
