using System.Diagnostics;
using System.Net;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Uploads whose senders do not know the token, and what honest callers notice of them: nothing.</summary>
public sealed class UnverifiedUploadTests
{
    private static readonly (string, string)[] _few =
        [("Servo__Runs__MaxConcurrent", "1"), ("Servo__Runs__MaxQueued", "0"), ("Servo__Uploads__MaxConcurrent", "4"), ("Servo__Uploads__MaxPerAddress", "4")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Take_no_place_of_a_run_keep_the_host_ready_and_do_not_hold_up_its_stop(bool asForm)
    {
        await using var gateway = await Gateway.StartAsync(_few);
        using var caller = new Caller(gateway).With("a.py", "print('ran')").With("ballast", Ballast());
        using var forged = await new ForgedUploads(gateway).SendAsync(12, asForm ? ForgedUploads.Form : ForgedUploads.Upload);
        using var http = new HttpClient();

        for (var i = 0; i < 3; i++)
        {
            (await caller.RunAsync("a.py")).LogAfterVariables.ShouldContain("ran");
            (await http.GetAsync($"{gateway.Url}/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var start = Stopwatch.GetTimestamp();
        (await gateway.StopAsync()).ShouldBe(0);
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));

        // Those that were displaced, and those that were still there when the host stopped.
        (await forged.AnswersAsync()).ShouldBe(Enumerable.Repeat("HTTP/1.1 503 Service Unavailable", 12));
        gateway.Log.ShouldContain("upload-displaced");
        gateway.Log.ShouldContain("shutting-down");
    }

    [Fact]
    public async Task Hold_no_more_on_disk_than_they_may()
    {
        const int Most = 2_000_000;
        await using var gateway = await Gateway.StartAsync(("Servo__Uploads__MaxBytes", "1000000"), ("Servo__Uploads__MaxPendingBytes", $"{Most}"));
        using var caller = new Caller(gateway).With("a.py", "print('ran')");
        using var forged = new ForgedUploads(gateway);
        var garbage = ForgedUploads.Upload.Replace("Content-Length: 1000000000", "Content-Length: 1000000", StringComparison.Ordinal) + new string('x', 900_000);

        for (var i = 0; i < 10; i++)
        {
            await forged.SendAsync(1, garbage);
            BytesOnDisk(gateway).ShouldBeLessThanOrEqualTo(Most);
        }

        (await caller.RunAsync("a.py")).LogAfterVariables.ShouldContain("ran");
        BytesOnDisk(gateway).ShouldBeLessThanOrEqualTo(Most);
    }

    [Fact]
    public async Task Are_answered_408_past_their_time()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Uploads__Timeout", "0.5"));
        using var forged = await new ForgedUploads(gateway).SendAsync(1, ForgedUploads.Upload);

        (await forged.AnswersAsync()).ShouldBe(["HTTP/1.1 408 Request Timeout"]);
        await gateway.HasNoWorkspaceAsync();
    }

    [Fact]
    public async Task Callbacks_of_a_run_hold_no_more_than_its_directory_may()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Archives__MaxBytes", "100000"));
        using var caller = new Caller(gateway).With("wait.py", """
            import os, time
            with open('arriving', 'w') as address: address.write(os.environ['CALLBACK'])
            os.rename('arriving', 'address')
            while not os.path.exists('done'): time.sleep(0.01)
            """);
        using var http = new HttpClient();
        var run = caller.RunAsync("wait.py");
        await Eventually.HoldsAsync(() => Addresses(gateway).Length == 1, gateway.RuntimeDirectory);
        var callback = await File.ReadAllTextAsync(Addresses(gateway).Single(), TestContext.Current.CancellationToken);

        foreach (var (tag, status) in new[] { ("1.json", 200), ("2.json", 200), ("3.json", 413), ("done", 200) })
        {
            var body = new ByteArrayContent(new byte[tag == "done" ? 1 : 40_000]);
            ((int)(await http.PostAsync($"{callback}/{tag}", body, TestContext.Current.CancellationToken)).StatusCode).ShouldBe(status, tag);
        }

        (await run).Ok.ShouldBeTrue();
    }

    private static string[] Addresses(Gateway gateway) =>
        [.. gateway.Workspaces.Select(workspace => Path.Join(workspace, "bundle/address")).Where(File.Exists)];

    /// <summary>What gzip cannot shrink, so that the upload needs a place.</summary>
    private static string Ballast() => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(150_000));

    private static long BytesOnDisk(Gateway gateway) =>
        gateway.Workspaces.Sum(workspace => new FileInfo(Path.Join(workspace, "upload")) is { Exists: true } upload ? upload.Length : 0);
}
