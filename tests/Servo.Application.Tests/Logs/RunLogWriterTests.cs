using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Logs;

public sealed class RunLogWriterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
    private readonly MemoryRunLog _log = new();
    private readonly RecordingLogger<RunLogWriter> _logger = new();
    private readonly RunClaim _claim = new(RunId.New(DateTimeOffset.UnixEpoch), HostId.New());
    private readonly RunLogWriter _writer;

    public RunLogWriterTests() => _writer = Writer(maxBytes: 1 << 23);

    [Fact]
    public async Task Events_are_numbered_records_with_their_times()
    {
        await _writer.WriteAsync(new RunEvent.Started());
        await SayAsync(_writer, "hello");
        await _writer.WriteAsync(new RunEvent.ScriptEnded(new ScriptResult("a.py", 3, TimeSpan.FromSeconds(1.25))));
        await _writer.FlushAsync();

        (await TextAsync()).ShouldBe("""
            {"event":"started","seq":1,"at":"2026-01-02T03:04:05.678Z"}
            {"event":"line","seq":2,"at":"2026-01-02T03:04:05.678Z","n":1,"script":"a.py","stream":"stdout","text":"hello"}
            {"event":"script","seq":3,"at":"2026-01-02T03:04:05.678Z","name":"a.py","exitCode":3,"seconds":1.25}

            """);
    }

    [Fact]
    public async Task Lines_that_come_together_are_one_record_that_stands_for_all()
    {
        await SayAsync(_writer, "begun, ", ends: false);
        await SayAsync(_writer, "ended\none\n\ntwo\\n\nthree");
        await _writer.WriteGatewayLineAsync("own");

        (await TextAsync()).ShouldBe("""
            {"event":"line","seq":1,"at":"2026-01-02T03:04:05.678Z","n":1,"script":"a.py","stream":"stdout","text":"begun, ended"}
            {"event":"lines","seq":2,"count":4,"at":"2026-01-02T03:04:05.678Z","n":2,"script":"a.py","stream":"stdout","text":"one\n\ntwo\\n\nthree\n"}
            {"event":"line","seq":6,"at":"2026-01-02T03:04:05.678Z","n":6,"script":null,"stream":"servo","text":"own"}

            """);
    }

    [Fact]
    public async Task No_record_has_more_text_or_stands_for_more_than_it_may()
    {
        await SayAsync(_writer, new string('\n', 1_000) + string.Concat(Enumerable.Repeat(new string('é', 200) + "\n", 500)), ends: false);

        var records = await RecordsAsync();
        records.ShouldAllBe(record => record.GetProperty("count").GetInt32() <= LogRecords.MaxLines);
        records.ShouldAllBe(record => Encoding.UTF8.GetByteCount(record.GetProperty("text").GetString()!) <= LogRecords.MaxText);
        records.Sum(record => record.GetProperty("count").GetInt32()).ShouldBe(1_500);
        records.Count.ShouldBeLessThan(20);
    }

    [Fact]
    public async Task A_line_that_comes_in_pieces_is_one_record_once_it_is_whole()
    {
        await SayAsync(_writer, "Waiting", ends: false);
        await SayAsync(_writer, "...", ends: false);
        (await RecordsAsync()).ShouldBeEmpty();

        await SayAsync(_writer, " done");

        (await RecordsAsync()).Single().GetProperty("text").GetString().ShouldBe("Waiting... done");
    }

    [Theory]
    [InlineData("é😀")]
    [InlineData("x")]
    [InlineData("x😀")]
    public async Task A_line_too_long_for_a_record_is_several_of_one_number(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 60_000));

        foreach (var piece in Enumerable.Range(0, 12).Select(i => string.Concat(Enumerable.Repeat(part, 5_000))))
            await SayAsync(_writer, piece, ends: false);

        await SayAsync(_writer, "!");
        await SayAsync(_writer, "next");

        var records = await RecordsAsync();
        records.Select(record => record.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, records.Count).Select(n => (long)n));
        records.SkipLast(2).ShouldAllBe(record => record.GetProperty("n").GetInt64() == 1 && record.GetProperty("more").GetBoolean());
        records[^2].TryGetProperty("more", out _).ShouldBeFalse();
        string.Concat(records.SkipLast(1).Select(record => record.GetProperty("text").GetString())).ShouldBe(text + "!");
        records[^1].GetProperty("n").GetInt64().ShouldBe(2);
        records.ShouldAllBe(record => Encoding.UTF8.GetByteCount(record.GetProperty("text").GetString()!) <= LogRecords.MaxText);
    }

    [Fact]
    public async Task A_line_whose_script_was_lost_does_not_swallow_the_gateways_next()
    {
        await SayAsync(_writer, "half a", ends: false);
        await _writer.WriteGatewayLineAsync("failure (lost)");
        await SayAsync(_writer, "and half another", ends: false);
        await _writer.CompleteAsync();

        (await RecordsAsync()).Select(record => (record.GetProperty("stream").GetString(), record.GetProperty("text").GetString())).ShouldBe(
            [("stdout", "half a"), ("servo", "failure (lost)"), ("stdout", "and half another")]);
    }

    [Fact]
    public async Task Past_its_limit_a_log_says_so_once_and_keeps_the_gateways_lines()
    {
        var writer = Writer(maxBytes: 300);

        for (var i = 0; i < 10; i++)
            await SayAsync(writer, $"line {i}");

        await writer.WriteGatewayLineAsync("failure (x)");

        var texts = (await RecordsAsync()).Select(record => record.GetProperty("text").GetString()).ToList();
        texts[..^2].ShouldBe(Enumerable.Range(0, texts.Count - 2).Select(i => $"line {i}"));
        texts.Count.ShouldBeLessThan(8);
        texts[^2..].ShouldBe(["output past 300 bytes is not kept (Servo:Logs:MaxBytes)", "failure (x)"]);
    }

    [Fact]
    public async Task A_log_that_takes_nothing_for_a_while_has_everything_afterwards()
    {
        await SayAsync(_writer, "before");
        _log.OnAppend = (_, _) => throw new IOException("No space left on device", 28);
        await SayAsync(_writer, "during");
        await SayAsync(_writer, "still");
        _writer.Fault.ShouldNotBeNull();
        _log.OnAppend = (_, _) => { };
        await SayAsync(_writer, "after");

        (await RecordsAsync()).Select(record => record.GetProperty("text").GetString()).ShouldBe(["before", "during", "still", "after"]);
        _writer.Fault.ShouldBeNull();
        _logger.Lines.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_what_is_too_much_to_hold_meanwhile_the_log_says_where_it_is_missing()
    {
        _log.OnAppend = (_, _) => throw new IOException("No space left on device", 28);

        for (var i = 0; i < 200; i++)
            await SayAsync(_writer, new string('x', 10_000));

        await _writer.WriteGatewayLineAsync("failure (x)");
        _log.OnAppend = (_, _) => { };
        await _writer.CompleteAsync();

        var texts = (await RecordsAsync()).Select(record => record.GetProperty("text").GetString()!).ToList();
        texts.Count.ShouldBeInRange(50, 150);
        texts[^2].ShouldMatch(@"^output past \d+ bytes could not be kept \(the gateway's disk is full\)$");
        texts[^1].ShouldBe("failure (x)");
    }

    [Fact]
    public async Task Where_nothing_of_it_could_be_kept_the_log_says_just_that()
    {
        _log.OnAppend = (_, records) =>
        {
            if (records.Length > 1_000)
                throw new IOException("No space left on device", 28);
        };

        await SayAsync(_writer, new string('x', 2_000));
        await _writer.WriteGatewayLineAsync("failure (x)");
        await _writer.CompleteAsync();

        (await RecordsAsync()).Select(record => record.GetProperty("text").GetString()).ShouldBe(
            ["no output could be kept (the gateway's disk is full)", "failure (x)"]);
    }

    [Fact]
    public async Task A_log_that_keeps_nothing_says_just_that()
    {
        var writer = Writer(maxBytes: 0);
        await writer.WriteAsync(new RunEvent.Started());

        await SayAsync(writer, "hello");
        await writer.WriteGatewayLineAsync("failure (x)");

        (await RecordsAsync()).Skip(1).Select(record => record.GetProperty("text").GetString()).ShouldBe(
            ["no output is kept (Servo:Logs:MaxBytes)", "failure (x)"]);
    }

    [Fact]
    public async Task Where_the_log_has_little_room_left_the_runs_own_lines_have_it()
    {
        await SayAsync(_writer, "before");
        _log.OnAppend = (_, records) =>
        {
            if (records.Length > 1_000)
                throw new IOException("No space left on device", 28);
        };

        await SayAsync(_writer, new string('x', 2_000));
        await SayAsync(_writer, "lost too");
        await _writer.WriteAsync(new RunEvent.ScriptEnded(new ScriptResult("a.py", 3, TimeSpan.Zero)));
        await _writer.WriteGatewayLineAsync("failure (x)");
        await _writer.CompleteAsync();

        var records = await RecordsAsync();
        records.Select(record => record.GetProperty("seq").GetInt64()).ShouldBe([1, 2, 3, 4]);
        records.Select(record => record.GetProperty("event").GetString()).ShouldBe(["line", "line", "script", "line"]);
        records[1].GetProperty("text").GetString()!.ShouldMatch(@"^output past \d+ bytes could not be kept \(the gateway's disk is full\)$");
        records[1].GetProperty("n").GetInt64().ShouldBe(2);
        records[3].GetProperty("text").GetString().ShouldBe("failure (x)");
    }

    [Fact]
    public async Task A_line_of_which_the_log_has_a_part_only_ends_before_the_runs_own_lines()
    {
        await SayAsync(_writer, new string('x', LogRecords.MaxText + 1), ends: false);
        _log.OnAppend = (_, records) =>
        {
            if (records.Length > 1_000)
                throw new IOException("No space left on device", 28);
        };

        await SayAsync(_writer, new string('x', LogRecords.MaxText), ends: false);
        await _writer.WriteGatewayLineAsync("failure (x)");
        await _writer.CompleteAsync();

        var records = await RecordsAsync();
        records.Select(record => (record.GetProperty("seq").GetInt64(), record.GetProperty("n").GetInt64(), record.TryGetProperty("more", out _)))
            .ShouldBe([(1, 1, true), (2, 1, false), (3, 2, false), (4, 3, false)]);
        records[1].GetProperty("stream").GetString().ShouldBe("stdout");
        records[2].GetProperty("text").GetString()!.ShouldEndWith("could not be kept (the gateway's disk is full)");
        records[3].GetProperty("text").GetString().ShouldBe("failure (x)");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\\\"}")]
    [InlineData(",\"text\":\"another\"")]
    [InlineData("\"stream\":\"servo\",\"text\":")]
    [InlineData("\",\"more\":true}")]
    [InlineData("{\"event\":\"line\",\"seq\":1,\"stream\":\"servo\",\"text\":\"x\",\"more\":true}")]
    public async Task A_text_that_looks_like_a_record_is_read_as_a_text(string said)
    {
        await SayAsync(_writer, said);
        var records = (await _log.ReadAsync(_claim.Run, LogPosition.Start, int.MaxValue, TestContext.Current.CancellationToken)).Records;

        LogRecords.TryTake(ref records, out var record).ShouldBeTrue();
        LogRecords.OutputOf(record.Span, new ArrayBufferWriter<byte>(), out var text).ShouldBe(new OutputRecord(IsGateways: false, IsOneLine: true));
        Encoding.UTF8.GetString(text).ShouldBe(said);
        JsonDocument.Parse(record).RootElement.GetProperty("text").GetString().ShouldBe(said);
    }

    [Fact]
    public async Task A_record_is_read_as_it_was_written()
    {
        await SayAsync(_writer, "tab\t \"quote\" é😀");
        await _writer.WriteGatewayLineAsync("own");
        var records = (await _log.ReadAsync(_claim.Run, LogPosition.Start, int.MaxValue, TestContext.Current.CancellationToken)).Records;
        var scratch = new ArrayBufferWriter<byte>();

        LogRecords.TryTake(ref records, out var first).ShouldBeTrue();
        Encoding.UTF8.GetString(RecordHead.Of(first.Span).Name).ShouldBe("line");
        RecordHead.Of(first.Span).Number.ShouldBe(1);
        LogRecords.OutputOf(first.Span, scratch, out var text).ShouldBe(new OutputRecord(IsGateways: false, IsOneLine: true));
        Encoding.UTF8.GetString(text).ShouldBe("tab\t \"quote\" é😀");
        LogRecords.TryTake(ref records, out var second).ShouldBeTrue();
        LogRecords.OutputOf(second.Span, scratch, out _).ShouldBe(new OutputRecord(IsGateways: true, IsOneLine: true));
        LogRecords.TryTake(ref records, out _).ShouldBeFalse();
    }

    private RunLogWriter Writer(long maxBytes) => new(_log, _log, _claim, maxBytes, _time, _logger);

    private static async Task SayAsync(RunLogWriter writer, string text, bool ends = true)
    {
        await writer.WriteAsync(new RunEvent.Output("a.py", OutputStream.Stdout, Encoding.UTF8.GetBytes(text + (ends ? "\n" : ""))));
        await writer.FlushAsync();
    }

    private async Task<string> TextAsync() =>
        Encoding.UTF8.GetString((await _log.ReadAsync(_claim.Run, LogPosition.Start, int.MaxValue, CancellationToken.None)).Records.Span);

    private async Task<List<JsonElement>> RecordsAsync() =>
        [.. (await TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
