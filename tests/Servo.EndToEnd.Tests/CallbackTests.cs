using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>A run that waits for others to call it back.</summary>
public sealed class CallbackTests : IAsyncLifetime
{
    private const string Waiting = """
        import os, time
        print('at ' + os.environ['CALLBACK'], flush=True)
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
        await Eventually.HoldsAsync(() => _gateway.Workspaces.Length == 1 && Directory.GetFiles(_gateway.RuntimeDirectory, "wait.py", SearchOption.AllDirectories).Length == 1, _gateway.RuntimeDirectory);
        var callback = await CallbackAsync();

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

    /// <summary>Reads the address where a script finds it: in the environment of the process that runs it.</summary>
    private static async Task<string> CallbackAsync()
    {
        var children = await Shell.RunAsync("/", "pgrep", "-f", "python[0-9.]* wait.py$");
        var environment = await File.ReadAllTextAsync($"/proc/{children.Split('\n')[0]}/environ");
        return environment.Split('\0').Single(entry => entry.StartsWith("CALLBACK=", StringComparison.Ordinal))["CALLBACK=".Length..];
    }

    private Task<string> CurlAsync(params string[] arguments) =>
        Shell.RunAsync(_folder.Path, "curl", ["-s", "-S", "-o", "answer", "-w", "%{http_code}", "-X", "POST", .. arguments]);
}
