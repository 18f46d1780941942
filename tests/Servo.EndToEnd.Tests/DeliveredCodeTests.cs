using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Somebody sends a captured request again, with other scripts, and delivers code to the address that the stream tells him.</summary>
public sealed class DeliveredCodeTests(DeliveredCodeTests.Host host) : IClassFixture<DeliveredCodeTests.Host>, IDisposable
{
    private const string Code = "print('the attacker runs')";

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("deploy.py+evil", "evil")]
    [InlineData("deploy.py+EVIL", "evil")]
    [InlineData("deploy.py+.%2Fevil", "evil")]
    [InlineData("deploy.py+folder%2F..%2Fevil", "evil")]
    [InlineData("deploy.py+report.json", "report.json")]
    [InlineData("deploy.py+self%2Freport.json", "report.json")]
    [InlineData("deploy.py+dangling", "status")]
    [InlineData("deploy.py+moved", "data.json")]
    [InlineData("deploy.py+linked", "data.json")]
    [InlineData("deploy.py+soft", "data.json")]
    [InlineData("deploy.py+package", "data.json")]
    public async Task No_name_of_a_delivered_file_runs_it(string scripts, string tag)
    {
        using var caller = Bundle();

        var (events, _) = await RunAsync(caller, scripts, tag);

        events.ShouldNotContain(line => line.Contains("the attacker runs", StringComparison.Ordinal));
        events.ShouldContain(line => line.Contains("honest", StringComparison.Ordinal));
        JsonDocument.Parse(events[^1]).RootElement.GetProperty("failure").GetProperty("kind").GetString().ShouldBe("missing-script");
    }

    [Theory]
    [InlineData("json.py")]
    [InlineData("json.so")]
    [InlineData("sitecustomize.py")]
    [InlineData("Makefile")]
    [InlineData(".env")]
    public async Task Nothing_is_delivered_that_an_import_or_a_tool_could_find(string tag)
    {
        using var caller = Bundle();

        var (events, status) = await RunAsync(caller, "deploy.py+import.py", tag);

        status.ShouldBe(400);
        events.ShouldNotContain(line => line.Contains("the attacker runs", StringComparison.Ordinal));
        JsonDocument.Parse(events[^1]).RootElement.GetProperty("ok").GetBoolean().ShouldBeTrue(events[^1]);
    }

    [Fact]
    public async Task A_script_may_write_the_next_one_of_what_was_delivered()
    {
        using var caller = Bundle();

        var (events, status) = await RunAsync(caller, "deploy.py+written.py", "data.json");

        status.ShouldBe(200);
        events.ShouldContain(line => line.Contains("written by a script", StringComparison.Ordinal));
        JsonDocument.Parse(events[^1]).RootElement.GetProperty("ok").GetBoolean().ShouldBeTrue(events[^1]);
    }

    // The first script goes on when the callback was answered, and gives the delivered file names of its own.
    private Caller Bundle() => new Caller(host.Gateway)
        .With("folder/x", "")
        .With("import.py", "import json, sys\nsys.exit('wrong json' if not hasattr(json, 'loads') else 0)")
        .With("deploy.py", """
            import os, time
            print('honest')
            os.symlink('status', 'dangling')
            os.symlink('.', 'self')
            with open('arriving', 'w') as address: address.write(os.environ['CALLBACK'])
            os.rename('arriving', 'address')
            while not os.path.exists('go'): time.sleep(0.01)
            if os.path.exists('data.json'):
                os.link('data.json', 'linked')
                os.symlink('data.json', 'soft')
                os.mkdir('package')
                os.link('data.json', 'package/__main__.py')
                open('written.py', 'w').write("print('written by a script')")
                os.rename('data.json', 'moved')
            """);

    private async Task<(List<string> Events, int Status)> RunAsync(Caller caller, string scripts, string tag)
    {
        var run = caller.RunAsync(scripts, "-H", "Accept: application/x-ndjson");
        await Eventually.HoldsAsync(() => Addresses().Length == 1, host.Gateway.RuntimeDirectory);
        var callback = await File.ReadAllTextAsync(Addresses().Single());

        var status = (int)(await _http.PostAsync($"{callback}/{tag}", new StringContent(Code))).StatusCode;
        (await _http.PostAsync($"{callback}/go", new StringContent(""))).EnsureSuccessStatusCode();

        return ([.. (await run).Body.TrimEnd('\n').Split('\n')], status);
    }

    /// <summary>Where the first script has written its callback's address.</summary>
    private string[] Addresses() => [.. host.Gateway.Workspaces.Select(workspace => Path.Join(workspace, "bundle/address")).Where(File.Exists)];

    /// <summary>The host, for all tests of the class.</summary>
    public sealed class Host : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync();

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
