using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Logs;

public sealed class PackedLinesTests
{
    private static readonly string[] _parts =
        ["\n", "\n", "\\", "n", "\\n", "\"", "\t", "\u0001", "é", "😀", "\u2028", "x", ",\"text\":\"", "{\"event\":\"lines\",\"seq\":1,\"count\":9", "\"}", new('y', 2_000)];

    private readonly MemoryRunLog _log = new();
    private readonly RunClaim _claim = new(RunId.New(DateTimeOffset.UnixEpoch), HostId.New());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task From_every_number_on_they_are_the_lines_that_were_written(int seed)
    {
        var random = new Random(seed);
        var writer = new RunLogWriter(_log, _log, _claim, 1 << 30, new FakeTimeProvider(), NullLogger.Instance);
        var said = new StringBuilder();
        var script = $"a \"{new string('b', seed * 999)}\".py";

        for (var piece = 0; piece < 30; piece++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => _parts[random.Next(_parts.Length)]));
            said.Append(text);
            await writer.WriteAsync(new RunEvent.Output(script, OutputStream.Stdout, Encoding.UTF8.GetBytes(text)));

            if (random.Next(3) == 0)
                await writer.FlushAsync();
        }

        await writer.WriteAsync(new RunEvent.Output(script, OutputStream.Stdout, "\n"u8.ToArray()));
        await writer.CompleteAsync();

        var kept = (await ReadAsync()).ToArray();
        Encoding.UTF8.GetString(kept).ShouldContain("{\"event\":\"lines\"");
        var all = Unpacked(kept, 1);
        TextOf(all).ShouldBe(said + "\n");
        all.Select(record => record.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, all.Count).Select(number => (long)number));
        all.Where(record => !record.TryGetProperty("more", out _)).Select(record => record.GetProperty("n").GetInt64())
            .ShouldBe(Enumerable.Range(1, said.ToString().Count(letter => letter == '\n') + 1).Select(number => (long)number));
        all.ShouldAllBe(record => record.GetProperty("event").GetString() == "line" && record.GetProperty("script").GetString() == script);

        foreach (var from in Enumerable.Range(0, 40).Select(_ => random.Next(1, all.Count + 1)))
        {
            var slice = await _log.ReadAsync(_claim.Run, LogPosition.Of(from), int.MaxValue, TestContext.Current.CancellationToken);
            Unpacked(slice.Records, from).Select(record => record.GetRawText()).ShouldBe(all.Skip(from - 1).Select(record => record.GetRawText()));
        }
    }

    [Fact]
    public void Who_follow_share_what_is_unpacked()
    {
        ReadOnlyMemory<byte> records = Encoding.UTF8.GetBytes("""
            {"event":"started","seq":1,"at":"t"}
            {"event":"lines","seq":2,"count":2,"at":"t","n":1,"script":"a","stream":"stdout","text":"x\ny\n"}
            {"event":"line","seq":4,"at":"t","n":3,"script":"a","stream":"stdout","text":"z"}

            """);
        var shared = new UnpackedRecords();

        var one = UnpackedRecords.Of(records, 1, shared).ToList();
        var other = UnpackedRecords.Of(records, 1, shared).ToList();
        var within = UnpackedRecords.Of(records[37..], 3, shared).ToList();

        one.Count.ShouldBe(3);
        one.ShouldBe(other);
        Encoding.UTF8.GetString(within[0].Span).ShouldBe("""{"event":"line","seq":3,"at":"t","n":2,"script":"a","stream":"stdout","text":"y"}""" + "\n");
    }

    [Theory]
    [InlineData("""{"event":"lines","seq":1,"count":3,"at":"t","n":1,"script":"a","stream":"stdout","text":"x\ny\n"}""")]
    [InlineData("""{"event":"lines","seq":1,"count":2,"at":"t","n":1,"script":"a","stream":"stdout"}""")]
    [InlineData("""{"event":"lines","seq":1,"count":2,"at":"t"}""")]
    [InlineData("""{"event":"lines"}""")]
    public void What_is_damaged_is_no_record(string record) =>
        Should.Throw<JsonException>(() => PackedLines.Unpack(Encoding.UTF8.GetBytes(record), 1));

    private async Task<ReadOnlyMemory<byte>> ReadAsync() =>
        (await _log.ReadAsync(_claim.Run, LogPosition.Start, int.MaxValue, TestContext.Current.CancellationToken)).Records;

    private static List<JsonElement> Unpacked(ReadOnlyMemory<byte> records, long from)
    {
        var text = string.Concat(UnpackedRecords.Of(records, from, shared: null).Select(piece => Encoding.UTF8.GetString(piece.Span)));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string TextOf(List<JsonElement> records) =>
        string.Concat(records.Select(record => record.GetProperty("text").GetString() + (record.TryGetProperty("more", out _) ? "" : "\n")));
}
