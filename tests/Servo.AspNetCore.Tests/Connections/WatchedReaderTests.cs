using System.IO.Pipelines;
using System.Text;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;

namespace Servo.AspNetCore.Tests.Connections;

/// <summary>What a server reads of a connection that ends.</summary>
public sealed class WatchedReaderTests
{
    private readonly Pipe _pipe = new();
    private readonly WatchedReader _reader;
    private bool _isBroken;

    public WatchedReaderTests() => _reader = new WatchedReader(_pipe.Reader, () => _isBroken = true);

    [Fact]
    public async Task The_end_comes_behind_all_that_came_before_it()
    {
        await WriteAsync("abc");
        await _pipe.Writer.CompleteAsync();

        (await ReadAsync(take: 2)).ShouldBe(("abc", false));
        (await ReadAsync(take: 1)).ShouldBe(("c", false));
        (await ReadAsync(take: 0)).ShouldBe(("", true));
        _isBroken.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_seen_and_not_taken_is_told_again_with_the_end()
    {
        await WriteAsync("abc");
        await _pipe.Writer.CompleteAsync();
        var first = await _reader.ReadAsync(TestContext.Current.CancellationToken);

        _reader.AdvanceTo(first.Buffer.Start, first.Buffer.End);

        first.IsCompleted.ShouldBeFalse();
        (await ReadAsync(take: 3)).ShouldBe(("abc", true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_ends_too_early_is_an_exception_however_often_it_is_read(bool tries)
    {
        _reader.IsInBody = true;
        await WriteAsync("abc");
        await _pipe.Writer.CompleteAsync();
        (await ReadAsync(take: 3)).ShouldBe(("abc", false));

        for (var i = 0; i < 2; i++)
        {
            if (tries)
                Should.Throw<BodyCutShortException>(() => _reader.TryRead(out _));
            else
                (await Record.ExceptionAsync(async () => await _reader.ReadAsync(TestContext.Current.CancellationToken)))
                    .ShouldBeOfType<BodyCutShortException>();
        }

        _isBroken.ShouldBeFalse();
    }

    [Fact]
    public async Task A_break_is_told_before_the_reader_hears_of_it()
    {
        var reading = _reader.ReadAsync(TestContext.Current.CancellationToken);

        await _pipe.Writer.CompleteAsync(new IOException("reset"));

        await Should.ThrowAsync<IOException>(async () => await reading);
        _isBroken.ShouldBeTrue();
    }

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    private async Task<(string Text, bool IsCompleted)> ReadAsync(int take)
    {
        var result = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        var text = Encoding.ASCII.GetString(result.Buffer);
        _reader.AdvanceTo(result.Buffer.GetPosition(take));
        return (text, result.IsCompleted);
    }
}
