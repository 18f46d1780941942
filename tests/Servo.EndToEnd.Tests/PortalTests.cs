using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Commands of scripts, from the package or a shell, through the host to a portal.</summary>
public sealed class PortalTests : IAsyncLifetime
{
    private PortalServer _portal = null!;

    public async ValueTask InitializeAsync() => _portal = await PortalServer.StartAsync("portal-token");

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task A_shell_script_reaches_the_portal_through_the_socket()
    {
        await using var gateway = await StartAsync();
        using var caller = new Caller(gateway).With("shell.py", """
            import subprocess, sys
            sys.exit(subprocess.call('''
            curl -s --unix-socket "$SERVO_PORTAL_SOCKET" -H "Authorization: Bearer $SERVO_RUN_TOKEN" -H "X-Shell: ls -j" -X POST http://servo/shell; echo
            curl -s --unix-socket "$SERVO_PORTAL_SOCKET" -H "Authorization: Bearer $SERVO_RUN_TOKEN" -H "X-Shell: deploy web.yml" -F web.yml=@web.yml http://servo/shell; echo
            curl -s -o /dev/null -w '%{http_code}\\n' --unix-socket "$SERVO_PORTAL_SOCKET" -H "X-Shell: ls" -X POST http://servo/shell
            curl -s -o /dev/null -w '%{http_code}\\n' --unix-socket "$SERVO_PORTAL_SOCKET" -H "Authorization: Bearer nonsense" -H "X-Shell: ls" -X POST http://servo/shell
            curl -s -w ' %{http_code}\\n' --unix-socket "$SERVO_PORTAL_SOCKET" -H "Authorization: Bearer $SERVO_RUN_TOKEN" -X POST http://servo/shell
            ''', shell=True))
            """).With("web.yml", "cluster: web\n");

        var answer = await caller.RunAsync("shell.py");

        answer.LogAfterVariables[4].ShouldContain("The command line is empty. Send it in the header X-Shell.");
        answer.LogAfterVariables[4].ShouldEndWith(" 400");
        answer.LogAfterVariables[..4].ShouldBe(["""{"ok": true, "ms": 1.0, "out": "{}"}""", """{"ok": true, "ms": 1.0, "out": "{}"}""", "401", "401"]);
        _portal.Requests.Select(request => request.Line).ShouldBe(["ls -j", "deploy web.yml"]);
        await gateway.LogsAsync("sends the portal: deploy web.yml");
        gateway.Log.ShouldNotContain("portal-token");
    }

    [Fact]
    public async Task Nothing_of_the_portals_token_is_in_a_scripts_world()
    {
        await using var gateway = await StartAsync();
        using var caller = new Caller(gateway).With("look.py", """
            import os, subprocess
            print(dict(os.environ))
            print(subprocess.check_output('cat /proc/self/environ /proc/$PPID/cmdline', shell=True))
            token = b'-'.join([b'portal', b'token'])
            for folder, _, files in os.walk(os.path.dirname(os.environ['PYTHONPATH'])):
                for file in files:
                    path = os.path.join(folder, file)
                    if os.path.isfile(path) and token in open(path, 'rb').read():
                        print('found in ' + path)
            """);

        var answer = await caller.RunAsync("look.py");

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Body.ShouldNotContain("portal-token");
        answer.Body.ShouldNotContain("found in");
        answer.Body.ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task A_portal_that_is_down_ends_the_script_with_a_sentence()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Portal__Url", "http://127.0.0.1:9"));
        using var caller = new Caller(gateway).With("ls.py", "from servo import servo\nwith servo() as proxy:\n    proxy('ls')\n");

        var answer = await caller.RunAsync("ls.py");

        answer.FailureKind.ShouldBe("script-failed");
        answer.LogAfterVariables[0].ShouldStartWith("failure -> ");
        answer.LogAfterVariables[0].ShouldContain("127.0.0.1:9");
    }

    [Fact]
    public async Task What_goes_wrong_at_the_portal_ends_the_script_with_a_sentence()
    {
        await using var gateway = await StartAsync();
        using var caller = new Caller(gateway).With("ls.py", "from servo import servo\nwith servo() as proxy:\n    proxy('ls')\n");

        foreach (var (reply, word) in new[]
        {
            (PortalReply.BreakOff(), "may have been carried out"),
            (PortalReply.BreakOffAfter("{\"ok\": true", Task.CompletedTask), "may have been carried out"),
            (PortalReply.Html(200, "Welcome"), "HTML"),
            (PortalReply.Raw(500, "text/plain", "oops"), "HTTP 500"),
            (PortalReply.Raw(200, "application/json", "nonsense"), "JSON"),
            (PortalReply.Failed("no such command"), "\"ls\" failed"),
        })
        {
            _portal.Answer = _ => reply;
            var answer = await caller.RunAsync("ls.py");

            answer.FailureKind.ShouldBe("script-failed", word);
            answer.LogAfterVariables.Length.ShouldBe(3, answer.Body);
            answer.LogAfterVariables[0].ShouldStartWith("failure -> ");
            answer.LogAfterVariables[0].ShouldContain(word);
        }

        _portal.Requests.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_slow_command_is_waited_for_and_its_files_and_words_arrive_untouched()
    {
        await using var gateway = await StartAsync();
        var gate = new TaskCompletionSource();
        _portal.Answer = _ => PortalReply.Succeeded("{\"grüße\": 1}").After(gate.Task);
        using var caller = new Caller(gateway).With("conf/web.yml", "cluster: web\n").With("go.py", """
            from servo import servo
            with servo(verbose=True) as proxy:
                print(sorted(proxy('deploy conf/web.yml  -s grün $HOME `id`')))
            print('goes on')
            """);

        var run = caller.RunAsync("go.py");
        (await Task.WhenAny(run, Task.Delay(2000, TestContext.Current.CancellationToken))).ShouldNotBe(run);
        gate.SetResult();
        var answer = await run;

        answer.LogAfterVariables[..3].ShouldBe(["[passed] \"deploy conf/web.yml  -s grün $HOME `id`\"", "['grüße']", "goes on"]);
        var request = _portal.Requests.Single();
        request.Line.ShouldBe("deploy web.yml  -s grün $HOME `id` -j");
        request.Files.Single().Name.ShouldBe("web.yml");
        request.Files.Single().Text.ShouldBe("cluster: web\n");
    }

    [Fact]
    public async Task No_portal_at_all_names_the_missing_setting()
    {
        await using var gateway = await Gateway.StartAsync();
        using var caller = new Caller(gateway).With("ls.py", "from servo import servo\nwith servo() as proxy:\n    proxy('ls')\n");

        (await caller.RunAsync("ls.py")).LogAfterVariables[0].ShouldContain("Servo:Portal:Url");
    }

    [Fact]
    public async Task The_embedded_cluster_deploys_polls_and_kills()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Portal__Mode", "Embedded"));
        using var caller = new Caller(gateway).With("web.yml", "cluster: web\nimage: example/web\nports:\n  - 80\n").With("all.py", """
            from servo import servo
            with servo() as proxy:
                print(sorted(proxy('deploy web.yml -p 2')['web.yml'].items()))
                print(proxy('ls *web')['marathon.web']['running'])
                print(sorted(proxy('kill *web --force')['*web'].items()))
                print('marathon.web' in proxy('ls'))
            """);

        var answer = await caller.RunAsync("all.py");

        answer.LogAfterVariables.WithoutSeconds().ShouldBe(
            ["[('ok', True), ('up', [0, 1])]", "2", "[('down', [0, 1]), ('ok', True)]", "False", "all.py ran in N seconds"]);
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(("Servo__Portal__Url", _portal.Url.AbsoluteUri), ("Servo__Portal__Token", "portal-token"));
}
