using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>What the user's document shows, with the real tools.</summary>
public sealed class SeedTests(SeedTests.Host host) : IClassFixture<SeedTests.Host>, IDisposable
{
    private readonly PortalServer _portal = host.Portal;
    private readonly Gateway _gateway = host.Gateway;
    private readonly Caller _caller = new(host.Gateway);

    public void Dispose() => _caller.Dispose();

    [Fact]
    public async Task Two_scripts_run_in_order_with_data_files_beside_them()
    {
        _caller.With("deploy.py", "print('deploying ' + open('settings/web.yml').read().strip())")
            .With("test.py", "print('testing')")
            .With("settings/web.yml", "cluster: web\n");

        var answer = await _caller.RunAsync("deploy.py+test.py");

        answer.Status.ShouldBe(200);
        answer.ContentType.ShouldBe("application/json; charset=utf-8");
        answer.Ok.ShouldBeTrue();
        answer.LogAfterVariables.WithoutSeconds().ShouldBe(["deploying cluster: web", "deploy.py ran in N seconds", "testing", "test.py ran in N seconds"]);
        answer.Json.GetProperty("scripts").EnumerateArray()
            .Select(script => (script.GetProperty("name").GetString(), script.GetProperty("exitCode").GetInt32()))
            .ShouldBe([("deploy.py", 0), ("test.py", 0)]);
        await _gateway.HasNoWorkspaceAsync();
    }

    [Fact]
    public async Task Text_is_the_log_with_status_200_or_412()
    {
        _caller.With("ok.py", "print('grüße')").With("bad.py", "import sys; print('oh no'); sys.exit(3)");

        var good = await _caller.RunAsync("ok.py", "-H", "Accept: text/plain");
        good.Status.ShouldBe(200);
        good.ContentType.ShouldBe("text/plain; charset=utf-8");
        good.Body.Split('\n')[1..].WithoutSeconds().ShouldBe(["grüße", "ok.py ran in N seconds"]);

        var bad = await _caller.RunAsync("bad.py+ok.py", "-H", "Accept: text/plain");
        bad.Status.ShouldBe(412);
        bad.Body.Split('\n')[1..].WithoutSeconds().ShouldBe(["oh no", "bad.py ran in N seconds", "failure (bad.py failed on exit code 3)"]);
    }

    [Fact]
    public async Task A_failed_run_is_200_in_json_and_stops_at_the_script_that_failed()
    {
        _caller.With("bad.py", "raise ValueError('no such cluster')").With("never.py", "print('never')");

        var answer = await _caller.RunAsync("bad.py+never.py", "-H", "Accept: application/json");

        answer.Status.ShouldBe(200);
        answer.Ok.ShouldBeFalse();
        answer.Log.ShouldContain("ValueError: no such cluster");
        answer.Log.ShouldNotContain("never");
        answer.Log[^1].ShouldBe("failure (bad.py failed on exit code 1)");
        answer.FailureKind.ShouldBe("script-failed");
    }

    [Fact]
    public async Task A_wrong_signature_is_403_and_runs_nothing()
    {
        _caller.With("a.py", "print('ran')");

        var answer = await _caller.RunAsync("a.py", "-H", "X-Signature: sha1=0123456789012345678901234567890123456789");

        // curl sends both headers: a repeated signature is no signature.
        answer.Status.ShouldBe(403);
        answer.Body.ShouldNotContain("ran\"");
    }

    [Fact]
    public async Task The_first_scripting_example_lists_the_containers()
    {
        _portal.Answer = _ => PortalReply.Succeeded("""{"marathon.web": {"total": 2, "running": 2, "status": ""}}""");
        _caller.With("list.py", """
            from servo import servo

            if __name__ == '__main__':

                with servo(verbose=True) as proxy:
                    js = proxy('ls')
                    print(list(js.keys()))
            """);

        var before = _portal.Requests.Count;

        var answer = await _caller.RunAsync("list.py");

        answer.LogAfterVariables.WithoutSeconds().ShouldBe(["[passed] \"ls\"", "['marathon.web']", "list.py ran in N seconds"]);
        _portal.Requests.Skip(before).Single().Line.ShouldBe("ls -j");
    }

    [Fact]
    public async Task The_second_scripting_example_pings_every_container_with_requests()
    {
        await using var web = await PingServer.StartAsync();
        _portal.Answer = _ => PortalReply.Succeeded($$$"""{"marathon.web #0": {"ip": "127.0.0.1", "public": "", "ports": "{{{web.Port}}}"}}""");
        _caller.With("ping.py", """
            import os
            import requests
            from servo import servo

            if __name__ == '__main__':
                prefix = os.environ['PREFIX']
                with servo(verbose=True) as proxy:
                    js = proxy('port 80 %s.web' % prefix)
                    urls = ['http://%s:%s/ping' % (details['ip'], details['ports']) for _, details in js.items()]

                    for url in urls:
                        get = requests.get(url)
                        code = get.status_code
                        assert code < 300, 'GET %s -> HTTP %d' % (url, code)
            """);

        var up = await _caller.RunAsync("ping.py", "-H", "X-Var-Prefix: marathon");
        up.Ok.ShouldBeTrue(up.Body);
        web.Pings.ShouldBe(1);
        up.Log.ShouldContain("$PREFIX = marathon");

        web.Status = 503;
        var down = await _caller.RunAsync("ping.py", "-H", "X-Var-Prefix: marathon");
        down.Ok.ShouldBeFalse();
        down.Log.ShouldContain($"failure -> GET http://127.0.0.1:{web.Port}/ping -> HTTP 503");
        down.Log[^1].ShouldBe("failure (ping.py failed on exit code 1)");
    }

    /// <summary>The host, and a portal that it forwards to.</summary>
    public sealed class Host : IAsyncLifetime
    {
        public PortalServer Portal { get; private set; } = null!;

        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Portal = await PortalServer.StartAsync("portal-token");
            Gateway = await Gateway.StartAsync(
                ("Servo__Portal__Mode", "Ochothon"), ("Servo__Portal__Url", Portal.Url.AbsoluteUri), ("Servo__Portal__Token", "portal-token"),
                ("Servo__Scripts__Preload", ""));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Portal.DisposeAsync();
        }
    }

    /// <summary>A container that answers pings.</summary>
    private sealed class PingServer : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private int _pings;

        private PingServer(WebApplication app) => _app = app;

        public int Status { get; set; } = 200;

        public int Pings => _pings;

        public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

        public static async Task<PingServer> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var server = new PingServer(builder.Build());
            server._app.MapGet("/ping", server.Ping);
            await server._app.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private IResult Ping()
        {
            Interlocked.Increment(ref _pings);
            return Results.StatusCode(Status);
        }
    }
}
