using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Servo.AspNetCore.Answers;

namespace Servo.AspNetCore.Tests.Answers;

/// <summary>Callers that do not take their answers.</summary>
public sealed class SlowReaderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SlowReader _reader = new();

    [Fact]
    public async Task A_reader_that_takes_nothing_for_a_minute_is_cut_off()
    {
        var writer = new PacedWriter(_reader.Context, _time);

        var held = WriteAsync(writer, 5000);
        _time.Advance(TimeSpan.FromSeconds(59));
        held.IsCompleted.ShouldBeFalse();
        _reader.IsCutOff.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        await Should.ThrowAsync<OperationCanceledException>(held.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        _reader.IsCutOff.ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_that_trickles_is_cut_off_though_it_never_pauses_for_a_minute()
    {
        var writer = new PacedWriter(_reader.Context, _time);

        var trickling = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await WriteAsync(writer, 5000);
        }, TestContext.Current.CancellationToken);

        for (var step = 0; step < 2000 && !trickling.IsCompleted; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));

            if (_reader.Taken.TryRead(out var taken))
                _reader.Taken.AdvanceTo(taken.Buffer.End);

            await Task.WhenAny(trickling, Task.Delay(10, TestContext.Current.CancellationToken));
        }

        await Should.ThrowAsync<OperationCanceledException>(trickling);
        _reader.IsCutOff.ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_that_keeps_taking_gets_all_of_it()
    {
        var writer = new PacedWriter(_reader.Context, _time);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await WriteAsync(writer, 5000);
        }, TestContext.Current.CancellationToken);
        var bytes = 0L;

        while (bytes < 100_000)
        {
            var taken = await _reader.Taken.ReadAsync(TestContext.Current.CancellationToken);
            bytes += taken.Buffer.Length;
            _reader.Taken.AdvanceTo(taken.Buffer.End);
        }

        await writing;
        bytes.ShouldBe(100_000);
        _reader.IsCutOff.ShouldBeFalse();
    }

    private static async Task WriteAsync(PacedWriter writer, int bytes)
    {
        writer.Target.Write(new byte[bytes]);
        await writer.FlushAsync();
    }
}
