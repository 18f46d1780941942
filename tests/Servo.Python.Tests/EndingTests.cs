using Servo.Testing;

namespace Servo.Python.Tests;

public sealed class EndingTests
{
    [Theory, EveryPython]
    public async Task A_script_goes_on_after_a_block_that_succeeded(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(PortalAnswers.Ok("{}"));

        var result = await runner.RunAsync(version, """
            import sys
            from servo import servo
            with servo() as proxy:
                proxy('ls')
            print('after')
            with servo() as proxy:
                with servo() as inner:
                    inner('ls')
                print('outer')
            sys.exit(4)
            """);

        result.ShouldEnd(4, "after", "outer");
    }

    [Theory, EveryPython]
    public async Task An_assertion_ends_the_script_with_its_message(string version)
    {
        await using var runner = new ScriptRunner();

        async Task<ScriptResult> AssertAsync(string assertion) => await runner.RunAsync(version, $"""
            from servo import servo
            try:
                with servo() as outer, servo() as proxy:
                    {assertion}
            finally:
                print('cleaned up')
            print('not reached')
            """);

        (await AssertAsync("assert 1 == 2, 'GET %s -> HTTP %d' % ('http://x', 500)")).ShouldEnd(1, "failure -> GET http://x -> HTTP 500", "cleaned up");
        (await AssertAsync(@"assert False, u'h\u00e9llo'")).ShouldEnd(1, "failure -> héllo", "cleaned up");
        (await AssertAsync("assert False, 'héllo'")).ShouldEnd(1, "failure -> héllo", "cleaned up");
        (await AssertAsync("assert False, ['a', 1]")).ShouldEnd(1, "failure -> ['a', 1]", "cleaned up");
        (await AssertAsync("assert False")).ShouldEnd(1, "failure -> an assertion at line 5 of script.py", "cleaned up");

        runner.Environment["PYTHONIOENCODING"] = "ascii";
        (await AssertAsync(@"assert False, u'h\u00e9llo'")).ExitCode.ShouldBe(1);
    }

    [Theory, EveryPython]
    public async Task Another_exception_ends_the_script_with_its_traceback(string version)
    {
        await using var runner = new ScriptRunner();

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                print('before')
                {}['missing']
            print('not reached')
            """);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBe("before\n");
        result.Error.ShouldStartWith("Traceback (most recent call last):");
        result.Error.ShouldContain("script.py\", line 5");
        result.Error.ShouldContain("KeyError: 'missing'");
    }

    [Theory, EveryPython]
    public async Task Exiting_or_interrupting_inside_the_block_is_left_alone(string version)
    {
        await using var runner = new ScriptRunner();

        var exited = await runner.RunAsync(version, """
            import sys
            from servo import servo
            with servo() as proxy:
                sys.exit(3)
            """);
        var interrupted = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                raise KeyboardInterrupt
            """);

        exited.ShouldEnd(3, "");
        interrupted.ExitCode.ShouldNotBe(0);
        interrupted.Output.ShouldBeEmpty();
        interrupted.Error.ShouldContain("KeyboardInterrupt");
    }

    [Theory, EveryPython]
    public async Task Whatever_a_command_raises_can_be_caught_inside_the_block(string version)
    {
        await using var runner = await ScriptRunner.WithPortalAsync(
            line => line == "ls" ? PortalAnswers.Failed("") : PortalAnswers.Problem(502, "The portal is down."));

        var result = await runner.RunAsync(version, """
            from servo import servo
            with servo() as proxy:
                for line in 'ls', 'log':
                    try:
                        proxy.text(line)
                    except AssertionError as error:
                        print('%s: %s' % (type(error).__name__, error))
            print('after')
            """);

        result.ShouldPrint("CommandFailed: \"ls\" failed", "ServoError: The portal is down.", "after");
    }
}
