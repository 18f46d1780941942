using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A run that waits for others to call it back.</summary>
public sealed class CallbackTests : IAsyncLifetime
{
    private const string Waiting = """
        import os, time
        with open('arriving', 'w') as address: address.write(os.environ['CALLBACK'])
        os.rename('arriving', 'address')
        while not os.path.exists('done'): time.sleep(0.01)
        for name in ('callback.raw', 'reply.json'): print(name + ': ' + open(name).read())
        """;

    private readonly TempDirectory _folder = new();
    private readonly HttpClient _http = new();
    private Gateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _folder.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task Payloads_reach_the_script_whatever_their_content_type_and_replace_nothing_of_the_bundle()
    {
        using var caller = new Caller(_gateway).With("wait.py", Waiting).With("data.txt", "of the bundle").With("folder/x", "");
        var run = caller.RunAsync("wait.py");
        await Eventually.HoldsAsync(() => Addresses().Length == 1, _gateway.RuntimeDirectory);
        var callback = await File.ReadAllTextAsync(Addresses().Single(), TestContext.Current.CancellationToken);

        (await CurlAsync("--data", "a=b&c=d", callback)).ShouldBe("200");
        (await CurlAsync("--json", """{"old": 1}""", $"{callback}/reply.json")).ShouldBe("200");
        (await CurlAsync("--json", """{"up": true}""", $"{callback}/reply.json")).ShouldBe("200");
        (await CurlAsync("--data", "x", $"{callback}/wait.py")).ShouldBe("409");
        (await CurlAsync("--data", "x", $"{callback}/data.txt")).ShouldBe("409");
        (await CurlAsync("--data", "x", $"{callback}/folder")).ShouldBe("409");
        (await CurlAsync("--data", "x", "--path-as-is", $"{callback}/..%2Fescaped")).ShouldBe("400");
        (await CurlAsync("--data", "x", "--path-as-is", $"{callback}/a/b")).ShouldBe("404");
        (await CurlAsync("--data", "x", callback[..^4] + "none")).ShouldBe("404");
        (await CurlAsync("--data", "", $"{callback}/done")).ShouldBe("200");

        var answer = await run;
        answer.Ok.ShouldBeTrue(answer.Body);
        answer.LogAfterVariables.ShouldContain("callback.raw: a=b&c=d");
        answer.LogAfterVariables.ShouldContain("""reply.json: {"up": true}""");

        (await CurlAsync("--data", "late", callback)).ShouldBe("404");
    }

    /// <summary>Where a script has written its callback's address.</summary>
    private string[] Addresses() => [.. _gateway.Workspaces.Select(workspace => Path.Join(workspace, "bundle/address")).Where(File.Exists)];

    private Task<string> CurlAsync(params string[] arguments) =>
        ChildProcess.RunAsync(_folder.Path, "curl", ["-s", "-S", "-o", "answer", "-w", "%{http_code}", "-X", "POST", .. arguments]);
}
