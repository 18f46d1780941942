using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

public sealed class ScriptOutputTests : IAsyncLifetime
{
    private readonly ScriptFixture _scripts = new();

    public ValueTask InitializeAsync() => _scripts.InitializeAsync();

    public ValueTask DisposeAsync() => _scripts.DisposeAsync();

    [Fact]
    public async Task Merges_both_streams_in_the_order_in_which_they_were_written()
    {
        await _scripts.RunAsync("""
            import sys
            for i in range(200):
                (sys.stdout if i % 2 else sys.stderr).write('%d\n' % i)
            """);

        _scripts.Output.Lines.ShouldBe(Enumerable.Range(0, 200).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Shows_the_traceback_after_what_was_printed_before()
    {
        var exit = await _scripts.RunAsync("print('before')\nraise ValueError('boom')\n");

        exit.Code.ShouldBe(1);
        _scripts.Output.Lines[0].ShouldBe("before");
        _scripts.Output.Lines[1].ShouldBe("Traceback (most recent call last):");
        _scripts.Output.Lines[^1].ShouldBe("ValueError: boom");
    }

    [Fact]
    public async Task Splits_at_line_feeds_only_and_keeps_everything_else()
    {
        await _scripts.RunAsync(@"import os; os.write(1, b' a\tb \r\n\n\x00\x1b[1mbold\x0c\xe2\x80\xa8x\nlast')");

        _scripts.Output.Lines.ShouldBe([" a\tb \r", "", "\0\u001b[1mbold\f\u2028x", "last"]);
    }

    [Fact]
    public async Task Replaces_bytes_that_are_not_utf8_wherever_the_writes_cut_them()
    {
        await _scripts.RunAsync(@"
import os, time
os.write(1, b'\xff\xfe caf\xc3')
os.write(1, b'\xa9 \xf0\x9f')
os.write(1, b'\x98\x80\n\xe2\x82')");

        _scripts.Output.Lines.ShouldBe(["\ufffd\ufffd café 😀", "\ufffd"]);
    }

    [Fact]
    public async Task Passes_a_line_on_while_the_script_still_runs()
    {
        var gate = Path.Join(_scripts.Bundle, "go-on");
        var run = _scripts.RunAsync("import os, time\nprint('first')\nwhile not os.path.exists('go-on'): time.sleep(0.01)\nprint('second')\n");

        await _scripts.Output.SeenAsync("first");
        run.IsCompleted.ShouldBeFalse();
        await File.WriteAllTextAsync(gate, "");
        await run;

        _scripts.Output.Lines.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task Passes_a_line_of_5_MB_and_200_000_lines_unharmed()
    {
        await _scripts.RunAsync("import sys\nprint('x' * 5000000)\nsys.stdout.write(''.join('%d\\n' % i for i in range(200000)))\n");

        _scripts.Output.Lines[0].ShouldBe(new string('x', 5_000_000));
        _scripts.Output.Lines.Skip(1).ShouldBe(Enumerable.Range(0, 200_000).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_reader_that_waits_makes_the_script_wait()
    {
        var gate = new TaskCompletionSource();
        var output = new RecordingOutput { OnPiece = () => new ValueTask(gate.Task) };
        var run = _scripts.RunAsync("import sys\nfor i in range(20000): print('x' * 99)\nopen('written', 'w').close()\n", output: output);

        await Task.Delay(500, TestContext.Current.CancellationToken);
        File.Exists(Path.Join(_scripts.Bundle, "written")).ShouldBeFalse();

        gate.SetResult();
        (await run).Code.ShouldBe(0);
        output.Lines.Count.ShouldBe(20_000);
    }

    [Fact]
    public async Task Nothing_that_a_script_prints_is_taken_for_the_end()
    {
        // The beginnings of a trailer, whole ones with a wrong mark, and NULs at the end of a write.
        await _scripts.RunAsync("""
            import os
            for i in range(300):
                os.write(1, b'\0' * (i % 3) + b'\0' + b'0123456789abcdef' * 2 + b'00000\n')
            os.write(1, b'end\0')
            """);

        _scripts.Output.Lines.Count.ShouldBe(301);
        _scripts.Output.Lines[^1].ShouldBe("end\0");
    }
}
