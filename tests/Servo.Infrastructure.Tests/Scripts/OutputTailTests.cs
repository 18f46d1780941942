using System.Text;
using Servo.Application.Logs;
using Servo.Infrastructure.Scripts;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Scripts;

/// <summary>The last of a script's output, whatever the pieces that it came in.</summary>
public sealed class OutputTailTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public async Task Is_that_of_all_that_was_written(int piece)
    {
        var all = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 3000).Select(n => $"line {n}\n")));
        var tail = new OutputTail(new RecordingOutput());

        foreach (var part in all.Chunk(piece))
            await tail.WriteAsync(new RunEvent.Output("a.py", OutputStream.Stdout, part));

        var lines = tail.LinesFromTheEnd().ToList();
        lines[..3].ShouldBe(["line 2999", "line 2998", "line 2997"]);
        string.Join('\n', Enumerable.Reverse(lines)).ShouldBe(Encoding.ASCII.GetString(all)[^4096..^1]);
    }

    [Fact]
    public void Is_empty_where_nothing_was_written() => new OutputTail(new RecordingOutput()).LinesFromTheEnd().ShouldBeEmpty();
}
