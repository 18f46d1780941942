using Servo.Testing;

namespace Servo.Python.Tests;

public sealed class CommandTests
{
    [Fact]
    public async Task This_machine_has_a_Python_3() => (await Pythons.OnThisMachine).Keys.ShouldContain(version => version.StartsWith('3'));

    [Theory, EveryPython]
    public async Task The_example_of_the_guide_lists_the_containers(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("""{"marathon.web": {"total": 2, "running": 2, "status": ""}}"""));

        var result = await runner.RunAsync(version, """
            from servo import servo

            if __name__ == '__main__':

                with servo(verbose=True) as proxy:
                    js = proxy('ls')
                    print('%s' % ', '.join(js.keys()))
            """);

        result.ShouldPrint("[passed] \"ls\"", "marathon.web");
        var command = runner.Commands.ShouldHaveSingleItem();
        command.RequestLine.ShouldBe("POST /shell HTTP/1.1");
        command.Headers.ShouldBe(
            new Dictionary<string, string>
            {
                ["Host"] = "servo",
                ["Connection"] = "close",
                ["Content-Length"] = "0",
                ["X-Shell"] = "ls -j",
                ["Authorization"] = "Bearer run-token",
            },
            ignoreOrder: true);
    }

    [Theory, EveryPython]
    public async Task A_line_arrives_as_it_was_written(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                proxy('exec  *web   --force shell ls')
                proxy("exec *web shell echo 'a b' \"c\" $HOME `id` \\ ; x | y & z")
                proxy(u'exec *web shell echo h\u00e9llo \u4e16\u754c')
                proxy('exec *web shell echo héllo')
                proxy(u'exec *web shell echo h\u00e9llo'.encode('utf-8'))
                proxy('  ls\t')
                proxy('exec *web shell echo a\tb')
                proxy('grep ' + 'x' * 20000)
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe(
        [
            "exec  *web   --force shell ls -j",
            "exec *web shell echo 'a b' \"c\" $HOME `id` \\ ; x | y & z -j",
            "exec *web shell echo héllo 世界 -j",
            "exec *web shell echo héllo -j",
            "exec *web shell echo héllo -j",
            "ls -j",
            "exec *web shell echo a\tb -j",
            $"grep {new string('x', 20000)} -j",
        ]);
    }

    [Theory, EveryPython]
    public async Task Text_is_asked_for_without_the_switch_and_returned_as_it_is(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(
            line => line == "help" ? PortalAnswers.Ok("available commands -> é\n ls") : PortalAnswers.Failed("no"));

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo(strict=False, verbose=True) as proxy:
                assert proxy.text('help') == u'available commands -> \u00e9\n ls'
                assert proxy.text('log *web') is None
            """);

        result.ShouldPrint("[passed] \"help\"", "[failed] \"log *web\"");
        runner.Lines.ShouldBe(["help", "log *web"]);
    }

    [Theory, EveryPython]
    public async Task A_failed_command_raises_where_strict_and_is_None_where_not(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(
            line => line.StartsWith("ls", StringComparison.Ordinal) ? PortalAnswers.Ok("{}") : PortalAnswers.Failed("unknown command"));

        var lenient = await runner.RunAsync(version, """
            from servo import servo
            with servo(strict=False, verbose=True) as proxy:
                assert proxy('boom  é') is None
                assert proxy('ls') == {}
            print('after')
            """);
        var strict = await runner.RunAsync(version, """
            from servo import servo, CommandFailed
            with servo() as proxy:
                try:
                    proxy('boom')
                except CommandFailed as failed:
                    print('%s: %s' % (failed, failed.out))
                try:
                    proxy.text('boom')
                except AssertionError as failed:
                    print(failed)
                proxy('boom é')
                print('not reached')
            print('not reached')
            """);

        lenient.ShouldPrint("[failed] \"boom  é\"", "[passed] \"ls\"", "after");
        strict.ShouldEnd(1, "\"boom\" failed: unknown command", "\"boom\" failed", "failure -> \"boom é\" failed");
    }

    [Theory, EveryPython]
    public async Task A_line_that_cannot_travel_is_refused_before_it_is_sent(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));

        var result = await runner.RunAsync(version, """
            import sys
            from servo import servo, ServoError
            lines = ['ls\nkill', 'ls\rkill', 'ls\0', 'ls\n', '', ' \t '] + ([u'ls \ud800'] if sys.version_info[0] > 2 else [])
            with servo(strict=False) as proxy:
                for call in proxy, proxy.text:
                    for line in lines:
                        try:
                            call(line)
                        except ServoError as error:
                            print(error)
                try:
                    proxy(7)
                except TypeError as error:
                    print(error)
            """);

        string[] lines =
        [
            @"'ls\nkill' cannot be sent: it holds a line break or a NUL character",
            @"'ls\rkill' cannot be sent: it holds a line break or a NUL character",
            @"'ls\x00' cannot be sent: it holds a line break or a NUL character",
            @"'ls\n' cannot be sent: it holds a line break or a NUL character",
            "an empty command cannot be sent",
            "an empty command cannot be sent",
            .. version.StartsWith('2') ? Array.Empty<string>() : [@"'ls \ud800' cannot be sent: it is not valid Unicode"],
        ];
        result.ShouldPrint([.. lines, .. lines, "a command is a text, not 7"]);
        runner.Commands.ShouldBeEmpty();
    }

    [Theory, EveryPython]
    public async Task Every_process_and_thread_of_a_script_may_give_commands(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));

        var result = await runner.RunAsync(version, """
            import os, threading
            from servo import servo
            with servo() as proxy:
                child = os.fork()
                if not child:
                    proxy('grep child')
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
                threads = [threading.Thread(target=proxy, args=('grep %d' % n,)) for n in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            """);

        result.ShouldPrint("");
        runner.Lines.ShouldBe([.. Enumerable.Range(0, 8).Select(n => $"grep {n} -j"), "grep child -j"], ignoreOrder: true);
    }

    [Theory, EveryPython]
    public async Task A_plain_command_loads_nothing_that_takes_long(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("""{"a": [1.5, true, null]}"""));

        var result = await runner.RunAsync(version, """
            import sys
            before = set(sys.modules)
            from servo import servo
            with servo() as proxy:
                assert proxy('ls') == {'a': [1.5, True, None]}
            loaded = set(name for name, module in sys.modules.items() if module) - before
            print(' '.join(sorted(loaded - set(['_socket', '_json', 'errno']))))
            """);

        result.ShouldPrint("servo servo._json_text servo._portal");
    }
}
