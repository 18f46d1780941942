using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.AspNetCore.Answers;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Tests.Answers;

/// <summary>The heartbeats of a stream, by a clock that the test turns.</summary>
public sealed class StreamedAnswerTests : IAsyncDisposable
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(15);

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1));
    private readonly CountedClock _clock = new();
    private readonly CancellationTokenSource _hangUp = new();
    private readonly StreamReader _reader;
    private readonly Run _run = Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), DateTimeOffset.UnixEpoch);
    private StreamedAnswer _answer = null!;
    private volatile bool _answerEnded;

    public StreamedAnswerTests() => _reader = new StreamReader(_pipe.Reader.AsStream());

    [Theory]
    [InlineData(true, ": ping")]
    [InlineData(false, """{"event":"ping"}""")]
    public async Task A_silent_run_sends_a_sign_of_life_every_15_seconds(bool sse, string expected)
    {
        await StartAsync(sse);

        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(_silence);
            (await NextAsync()).ShouldBe(expected);

            if (sse)
                (await NextAsync()).ShouldBe("");
        }
    }

    [Fact]
    public async Task The_silence_begins_with_the_last_thing_that_was_said()
    {
        await StartAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        await WriteGatewayLineAsync("first");
        _clock.Advance(TimeSpan.FromSeconds(14));
        await WriteGatewayLineAsync("second");
        _clock.Advance(_silence);

        (await NextAsync()).ShouldContain("first");
        (await NextAsync()).ShouldContain("second");
        (await NextAsync()).ShouldContain("ping");
    }

    [Fact]
    public async Task Signs_of_life_go_out_before_the_line_that_a_script_is_in_the_middle_of()
    {
        await StartAsync();
        await WriteGatewayLineAsync("Waiting", ends: false);
        _clock.Advance(_silence);
        (await NextAsync()).ShouldContain("ping");
        await WriteGatewayLineAsync("...", ends: false);
        _clock.Advance(_silence);
        (await NextAsync()).ShouldContain("ping");
        await WriteGatewayLineAsync(" done");

        var line = Json(await NextAsync());
        line.GetProperty("text").GetString().ShouldBe("Waiting... done");
        line.GetProperty("n").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task The_sign_of_life_of_a_line_too_long_to_hold_is_its_next_character()
    {
        var text = string.Concat(Enumerable.Repeat("é😀", 40_000));
        await StartAsync();
        await WriteGatewayLineAsync(text, ends: false);
        var before = await BytesOfAsync();

        _clock.Advance(_silence);
        var after = await BytesOfAsync(more: before);

        after.ShouldBeGreaterThan(before);
        await WriteGatewayLineAsync("!");
        await EndAsync();
        Json(await NextAsync()).GetProperty("text").GetString().ShouldBe(text + "!");
        Json(await NextAsync()).GetProperty("event").GetString().ShouldBe("result");
    }

    [Fact]
    public async Task A_line_whose_script_was_lost_does_not_swallow_the_gateway_s_next()
    {
        await StartAsync();
        await WriteGatewayLineAsync("half a", ends: false);
        await _answer.WriteAsync(new RunEvent.Line(null, OutputStream.Servo, "failure (lost)".AsMemory(), EndsLine: true));
        await EndAsync();

        var half = Json(await NextAsync());
        (half.GetProperty("stream").GetString(), half.GetProperty("text").GetString()).ShouldBe(("stdout", "half a"));
        var failure = Json(await NextAsync());
        (failure.GetProperty("stream").GetString(), failure.GetProperty("text").GetString()).ShouldBe(("servo", "failure (lost)"));
    }

    [Fact]
    public async Task Nothing_comes_after_the_result_and_no_timer_is_left()
    {
        await StartAsync();
        _clock.Running.ShouldBe(1);
        await EndAsync();

        _clock.Running.ShouldBe(0);
        _clock.Advance(10 * _silence);
        await _pipe.Writer.CompleteAsync();
        (await NextAsync()).ShouldContain("result");
        (await _reader.ReadLineAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_reader_that_is_gone_gets_none()
    {
        await StartAsync();

        await _hangUp.CancelAsync();

        SpinWait.SpinUntil(() => _clock.Running == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_slow_reader_is_sent_no_pile_of_them()
    {
        await StartAsync();
        var stuck = WriteGatewayLineAsync(new string('x', 2 << 20));
        stuck.IsCompleted.ShouldBeFalse();

        for (var i = 0; i < 10; i++)
            _clock.Advance(_silence);

        (await NextAsync()).Length.ShouldBeGreaterThan(2 << 20);
        await stuck;
        await EndAsync();
        Json(await NextAsync()).GetProperty("event").GetString().ShouldBe("result");
    }

    [Fact]
    public async Task None_stands_inside_another_event_however_the_two_meet()
    {
        const int Lines = 20_000;
        await StartAsync();
        var turning = Task.Run(() =>
        {
            while (!_answerEnded)
                _clock.Advance(_silence);
        }, TestContext.Current.CancellationToken);
        var events = ReadAllAsync();

        for (var i = 0; i < Lines; i++)
        {
            await _answer.WriteAsync(Piece("a line in", ends: false));
            await _answer.FlushAsync();
            await _answer.WriteAsync(Piece(" two pieces", ends: true));

            if (i % 10 == 0)
                await _answer.FlushAsync();
        }

        await EndAsync();
        await turning;
        await _pipe.Writer.CompleteAsync();
        var names = (await events).ToLookup(json => json.GetProperty("event").GetString());
        names["line"].Count().ShouldBe(Lines);
        names["line"].ShouldAllBe(line => line.GetProperty("text").GetString() == "a line in two pieces");
        names["ping"].Count().ShouldBeGreaterThan(1);
        names["result"].Count().ShouldBe(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _answer.DisposeAsync();
        _reader.Dispose();
        _hangUp.Dispose();
    }

    private async Task StartAsync(bool sse = false)
    {
        var context = new DefaultHttpContext { RequestAborted = _hangUp.Token };
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_pipe.Writer.AsStream(leaveOpen: true)));
        _answer = new StreamedAnswer(context, sse ? new SseFormat() : new NdjsonFormat(), _clock);
        await _answer.WriteAsync(new RunEvent.Queued(_run));

        for (var i = 0; i < (sse ? 3 : 1); i++)
            await NextAsync();

        // The first heartbeat comes at once.
        (await NextAsync()).ShouldContain("ping");
        if (sse)
            await NextAsync();
    }

    private async Task WriteGatewayLineAsync(string text, bool ends = true)
    {
        await _answer.WriteAsync(Piece(text, ends));
        await _answer.FlushAsync();
    }

    private async Task EndAsync()
    {
        await _answer.WriteAsync(new RunEvent.Completed(_run.Start(_run.Accepted).Succeed(_run.Accepted)));
        _answerEnded = true;
    }

    private static RunEvent.Line Piece(string text, bool ends) => new("a.py", OutputStream.Stdout, text.AsMemory(), ends);

    private async Task<string> NextAsync() => (await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!;

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    /// <summary>How many bytes wait for the reader, once there are more than <paramref name="more"/>.</summary>
    private async Task<long> BytesOfAsync(long more = 0)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        while (true)
        {
            var read = await _pipe.Reader.ReadAsync(limit.Token);
            var length = read.Buffer.Length;

            // Looked at until its end, the buffer makes the next read wait for more.
            _pipe.Reader.AdvanceTo(read.Buffer.Start, length > more ? read.Buffer.Start : read.Buffer.End);

            if (length > more)
                return length;
        }
    }

    private async Task<List<JsonElement>> ReadAllAsync()
    {
        var events = new List<JsonElement>();

        while (await _reader.ReadLineAsync() is { } line)
            events.Add(Json(line));

        return events;
    }

    /// <summary>A clock that knows how many of its timers run.</summary>
    private sealed class CountedClock : FakeTimeProvider
    {
        private int _running;

        public int Running => Volatile.Read(ref _running);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _running);
            return new Timer(base.CreateTimer(callback, state, dueTime, period), this);
        }

        private sealed class Timer(ITimer timer, CountedClock clock) : ITimer
        {
            private int _disposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _disposed, 1) == 0)
                    Interlocked.Decrement(ref clock._running);

                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
