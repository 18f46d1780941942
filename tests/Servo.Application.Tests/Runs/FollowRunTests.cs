using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Runs;

public sealed class FollowRunTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryRunStore _store = new();
    private readonly MemoryRunLog _log = new();
    private readonly Run _run = Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), DateTimeOffset.UnixEpoch);
    private readonly RunClaim _claim;
    private readonly RunLogWriter _writer;
    private readonly FollowRun _follow;

    public FollowRunTests()
    {
        _claim = new RunClaim(_run.Id, HostId.New());
        _writer = new RunLogWriter(_log, _log, _claim, 1 << 20, _time, NullLogger.Instance);
        _follow = new FollowRun(_store, _log, _log, new LiveRuns(), _time);
    }

    [Fact]
    public async Task Whoever_comes_and_from_wherever_reads_the_same_sequence()
    {
        await AcceptAsync(claim: true);
        await SayAsync("one");
        await SayAsync("two");
        await EndAsync();

        (await TextsAsync(after: 0)).ShouldBe(["one", "two"]);
        (await TextsAsync(after: 1)).ShouldBe(["two"]);
        (await TextsAsync(after: 2)).ShouldBeEmpty();
        (await TextsAsync(after: 77)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_end_has_the_same_number_wherever_its_reader_began()
    {
        await AcceptAsync(claim: true);
        await SayAsync("one");
        await SayAsync("two");
        await using var early = _follow.FromAsync(_run.Id, 77, CancellationToken.None).GetAsyncEnumerator();
        (await NextAsync(early)).ShouldBeOfType<RunNews.Standing>().Number.ShouldBe(77);
        await EndAsync();
        (await NextAsync(early)).ShouldBeOfType<RunNews.Completed>().Number.ShouldBe(3);

        foreach (var after in new[] { 0, 1, 2, 3, 77 })
        {
            var news = await _follow.FromAsync(_run.Id, after, CancellationToken.None).ToListAsync(TestContext.Current.CancellationToken);
            news[0].ShouldBeOfType<RunNews.Standing>().Number.ShouldBe(after);
            news[^1].ShouldBeOfType<RunNews.Completed>().Number.ShouldBe(3);
        }

        (await _follow.EndNumberAsync(_run.Id)).ShouldBe(3);
    }

    [Fact]
    public async Task A_live_run_is_followed_to_its_end()
    {
        await AcceptAsync(claim: true);
        await using var news = _follow.FromAsync(_run.Id, 0, CancellationToken.None).GetAsyncEnumerator();

        (await NextAsync(news)).ShouldBeOfType<RunNews.Standing>().Record.Run.Id.ShouldBe(_run.Id);
        await SayAsync("one");
        TextOf(await NextAsync(news)).ShouldBe(["one"]);
        await SayAsync("two");
        TextOf(await NextAsync(news)).ShouldBe(["two"]);
        await EndAsync();
        var completed = (await NextAsync(news)).ShouldBeOfType<RunNews.Completed>();
        completed.Number.ShouldBe(3);
        completed.Record.Run.State.ShouldBe(RunState.Succeeded);
        (await news.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_15_seconds_of_silence_are_told_and_what_is_said_begins_them_anew()
    {
        await AcceptAsync(claim: true);
        await using var news = _follow.FromAsync(_run.Id, 0, CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(news);

        for (var i = 0; i < 2; i++)
        {
            var next = NextAsync(news);
            _time.Advance(FollowRun.LongestSilence);
            (await next).ShouldBeOfType<RunNews.Silence>();
        }

        var said = NextAsync(news);
        _time.Advance(TimeSpan.FromSeconds(14));
        await SayAsync("one");
        TextOf(await said).ShouldBe(["one"]);
        var silence = NextAsync(news);
        _time.Advance(TimeSpan.FromSeconds(14));
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        silence.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await silence).ShouldBeOfType<RunNews.Silence>();
    }

    [Fact]
    public async Task While_it_waits_its_place_is_told_whenever_it_changes()
    {
        var first = Run.Accept(RunId.New(DateTimeOffset.UnixEpoch), _run.Order, DateTimeOffset.UnixEpoch);
        await _store.AcceptAsync(first, null, 9, CancellationToken.None);
        await AcceptAsync(claim: false);
        await using var news = _follow.FromAsync(_run.Id, 0, CancellationToken.None).GetAsyncEnumerator();

        (await NextAsync(news)).ShouldBeOfType<RunNews.Standing>().Record.Position.ShouldBe(2);
        await _store.CancelAsync(first.Id, new RunFailure.Cancelled("x"), DateTimeOffset.UnixEpoch);
        (await NextAsync(news)).ShouldBeOfType<RunNews.Standing>().Record.Position.ShouldBe(1);
        await _store.CancelAsync(_run.Id, new RunFailure.Cancelled("y"), DateTimeOffset.UnixEpoch);
        (await NextAsync(news)).ShouldBeOfType<RunNews.Completed>().Record.Run.State.ShouldBe(RunState.Cancelled);
    }

    [Fact]
    public async Task Of_a_run_that_is_not_there_is_no_news()
    {
        (await TextsAsync(after: 0)).ShouldBeEmpty();
        (await _follow.EndAsync(_run.Id, TestContext.Current.CancellationToken)).ShouldBeNull();
        (await _follow.FindAsync(_run.Id, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    private async Task AcceptAsync(bool claim) =>
        (await _store.AcceptAsync(_run, claim ? _claim.Host : null, 9, CancellationToken.None)).ShouldBeOfType<Acceptance.Accepted>();

    private async Task EndAsync() =>
        (await _store.FinishAsync(_claim, _run.Start(DateTimeOffset.UnixEpoch).Succeed(DateTimeOffset.UnixEpoch), 0)).ShouldBeTrue();

    private async Task SayAsync(string text)
    {
        await _writer.WriteAsync(new RunEvent.Output("a.py", OutputStream.Stdout, Encoding.UTF8.GetBytes(text + "\n")));
        await _writer.FlushAsync();
    }

    private async Task<List<string>> TextsAsync(long after)
    {
        var texts = new List<string>();

        await foreach (var news in _follow.FromAsync(_run.Id, after, CancellationToken.None))
            texts.AddRange(TextOf(news));

        return texts;
    }

    private static async Task<RunNews> NextAsync(IAsyncEnumerator<RunNews> news)
    {
        (await news.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        return news.Current;
    }

    private static List<string> TextOf(RunNews news)
    {
        var texts = new List<string>();

        for (var records = news is RunNews.Records some ? some.Bytes : default; LogRecords.TryTake(ref records, out var record);)
        {
            LogRecords.OutputOf(record.Span, new ArrayBufferWriter<byte>(), out var text).ShouldNotBeNull();
            texts.Add(Encoding.UTF8.GetString(text));
        }

        return texts;
    }
}
