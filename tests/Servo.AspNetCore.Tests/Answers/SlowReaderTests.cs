using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.AspNetCore.Answers;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Tests.Answers;

/// <summary>Callers that do not take their answers.</summary>
public sealed class SlowReaderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SlowReader _reader = new();

    [Fact]
    public async Task A_reader_of_events_that_takes_nothing_for_a_minute_is_cut_off_and_the_run_goes_on()
    {
        await using var answer = new StreamedAnswer(_reader.Context, new NdjsonFormat(), _time);
        await answer.WriteAsync(new RunEvent.Queued(Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), DateTimeOffset.UnixEpoch)));

        var held = WriteGatewayLineAsync(answer, new string('x', 5000));
        _time.Advance(TimeSpan.FromSeconds(59));
        held.IsCompleted.ShouldBeFalse();
        _reader.IsCutOff.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        await held.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        _reader.IsCutOff.ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_of_events_that_trickles_is_cut_off_though_it_never_pauses_for_a_minute()
    {
        await using var answer = new StreamedAnswer(_reader.Context, new SseFormat(), _time);
        await answer.WriteAsync(new RunEvent.Queued(Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), DateTimeOffset.UnixEpoch)));

        for (var i = 0; i < 20 && !_reader.IsCutOff; i++)
        {
            var held = WriteGatewayLineAsync(answer, new string('x', 5000));

            // A heartbeat may have the turn, so the line can be held back a moment later than it was said.
            for (var step = 0; step < 1000 && !held.IsCompleted; step++)
            {
                _time.Advance(TimeSpan.FromSeconds(20));

                if (_reader.Taken.TryRead(out var taken))
                    _reader.Taken.AdvanceTo(taken.Buffer.End);

                await Task.WhenAny(held, Task.Delay(10, TestContext.Current.CancellationToken));
            }

            await held.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        _reader.IsCutOff.ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_in_its_time_is_given_up()
    {
        var answers = new PendingAnswers(10, 1_000_000, _time);
        var sending = answers.SendAsync(_reader.Context, 1, 160 * 1024, givenUp => Task.Delay(Timeout.InfiniteTimeSpan, givenUp));

        _time.Advance(TimeSpan.FromSeconds(69));
        sending.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));
        await sending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        _reader.IsCutOff.ShouldBeTrue();
    }

    [Theory]
    [InlineData(2, 1_000_000)]
    [InlineData(10, 250)]
    public async Task Where_too_much_is_kept_the_oldest_answer_is_given_up(int max, long maxBytes)
    {
        var answers = new PendingAnswers(max, maxBytes, _time);
        var readers = new[] { _reader, new SlowReader(), new SlowReader() };

        var sending = readers.Select(reader => answers.SendAsync(reader.Context, 100, 100, givenUp => Task.Delay(Timeout.InfiniteTimeSpan, givenUp))).ToList();
        await sending[0].WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        readers.Select(reader => reader.IsCutOff).ShouldBe([true, false, false]);
        sending.Skip(1).ShouldAllBe(task => !task.IsCompleted);
    }

    private static async Task WriteGatewayLineAsync(StreamedAnswer answer, string line)
    {
        await answer.WriteAsync(new RunEvent.Line("a.py", OutputStream.Stdout, line.AsMemory(), EndsLine: true));
        await answer.FlushAsync();
    }
}
