using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Servo.Application.Runs;
using Servo.AspNetCore.Answers;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Tests.Answers;

/// <summary>News of a run as its reader sees them.</summary>
public sealed class StreamedAnswerTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private static readonly Run _run = Run.Accept(RunId.New(_now), new RunOrder(ScriptList.Parse("a.py").Value!, RunVariables.None), _now);
    private static readonly Run _ended = _run.Start(_now).Add(new ScriptResult("a.py", 3, TimeSpan.FromSeconds(1.5))).Fail(new RunFailure.ScriptFailed("a.py", 3), _now);

    private const string Records = """
        {"event":"started","seq":1,"at":"2026-01-01T00:00:00.000Z"}
        {"event":"line","seq":2,"at":"2026-01-01T00:00:00.001Z","n":1,"script":"a.py","stream":"stdout","text":"é \"x\""}

        """;

    [Fact]
    public async Task A_stream_of_ndjson_has_the_records_as_the_log_has_them()
    {
        var text = await SendAsync(new NdjsonFormat(), Standing(_run.Start(_now)), News(Records), new RunNews.Silence(), new RunNews.Completed(RecordOf(_ended), 3));

        text.ShouldBe($$$"""
            {"event":"run","seq":0,"id":"{{{_run.Id}}}"}
            {"event":"ping"}
            {{{Records}}}{"event":"ping"}
            {"event":"result","seq":3,"ok":false,"id":"{{{_run.Id}}}","scripts":[{"name":"a.py","exitCode":3,"seconds":1.5}],"failure":{"kind":"script-failed","detail":"a.py failed on exit code 3"}}

            """);
    }

    [Fact]
    public async Task A_stream_of_server_sent_events_names_and_numbers_each()
    {
        var text = await SendAsync(new SseFormat(), Standing(_run.Start(_now)), News(Records), new RunNews.Silence(), new RunNews.Completed(RecordOf(_run.Start(_now).Succeed(_now)), 3));

        text.ShouldBe($$"""
            event: run
            id: 0
            data: {"id":"{{_run.Id}}"}

            : ping

            event: started
            id: 1
            data: {"event":"started","seq":1,"at":"2026-01-01T00:00:00.000Z"}

            event: line
            id: 2
            data: {"event":"line","seq":2,"at":"2026-01-01T00:00:00.001Z","n":1,"script":"a.py","stream":"stdout","text":"é \"x\""}

            : ping

            event: result
            id: 3
            data: {"ok":true,"id":"{{_run.Id}}","scripts":[]}


            """);
    }

    [Fact]
    public async Task A_stream_that_goes_on_begins_with_the_number_that_its_reader_has()
    {
        var text = await SendAsync(new SseFormat(), Standing(_run.Start(_now), 7), new RunNews.Completed(RecordOf(_run.Start(_now).Succeed(_now)), 8));

        text.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).ShouldBe(["id: 7", "id: 8"]);
    }

    [Fact]
    public async Task A_run_that_waits_says_where_and_for_whom()
    {
        var holder = RunId.New(_now);
        var queued = new RunNews.Standing(new RunRecord(_run, Position: 2, WaitsFor: [], LogBytes: 0, IsCancelRequested: false), 0);
        var waiting = new RunNews.Standing(new RunRecord(_run.Wait(), Position: 1, [new LockHolder("prod", holder)], LogBytes: 0, IsCancelRequested: false), 0);

        var text = await SendAsync(new NdjsonFormat(), queued, waiting);

        text.ShouldBe($$"""
            {"event":"run","seq":0,"id":"{{_run.Id}}"}
            {"event":"ping"}
            {"event":"queued","seq":0,"position":2}
            {"event":"waiting","seq":0,"waitsFor":[{"lock":"prod","run":"{{holder}}"}]}

            """);
    }

    private static RunRecord RecordOf(Run run) => new(run, Position: null, WaitsFor: [], LogBytes: 0, IsCancelRequested: false);

    private static RunNews.Standing Standing(Run run, long number = 0) => new(RecordOf(run), number);

    private static RunNews.Records News(string records) => new(Encoding.UTF8.GetBytes(records));

    private static async Task<string> SendAsync(IEventFormat format, params RunNews[] news)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(pipe.Writer.AsStream()));

        await new StreamedAnswer(context, format, TimeProvider.System).SendAsync(news.ToAsyncEnumerable(), CancellationToken.None);
        await pipe.Writer.CompleteAsync();

        context.Response.ContentType.ShouldBe(format.ContentType);
        context.Response.Headers.CacheControl.ToString().ShouldBe("no-store");
        return await new StreamReader(pipe.Reader.AsStream()).ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
