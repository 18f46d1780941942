using System.Text;
using Microsoft.Extensions.Time.Testing;
using Servo.Application.Logs;
using Servo.Domain.Runs;
using Servo.Infrastructure.Tests.Runs;

namespace Servo.Infrastructure.Tests.Logs;

public sealed class FileRunLogTests : LogConformance
{
    private readonly FakeTimeProvider _time;

    public FileRunLogTests()
        : this(new FakeTimeProvider())
    {
    }

    private FileRunLogTests(FakeTimeProvider time)
        : base(new EmbeddedState(time)) => _time = time;

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"event\":\"line\",\"seq\":3,\"te")]
    [InlineData("{\"event\":\"line\",\"seq\":3,\"text\":\"\"}")]
    public async Task Shows_no_record_that_a_killed_host_left_in_the_middle(string left)
    {
        var claim = await ClaimedAsync();
        await State.Log.AppendAsync(claim, 1, Bytes([Record(1), Record(2)]));
        Reopen();
        File.AppendAllText(PathOf(claim.Run), left);

        (await ReadAllAsync(claim.Run, 1)).ShouldBe(Record(1) + Record(2));
        (await ReadAllAsync(claim.Run, 3)).ShouldBeEmpty();
        (await State.Log.AppendAsync(claim, 3, Bytes([Record(3)]))).ShouldBeTrue();
        File.ReadAllText(PathOf(claim.Run)).ShouldBe(Record(1) + Record(2) + Record(3));
    }

    [Fact]
    public async Task Holds_no_file_open_that_is_complete_and_none_for_longer_than_a_second()
    {
        var (complete, silent) = (await ClaimedAsync(), await ClaimedAsync());
        await State.Log.AppendAsync(complete, 1, Bytes([Record(1)]));
        await State.Log.AppendAsync(silent, 1, Bytes([Record(1)]));
        OpenLogs().ShouldBe([PathOf(complete.Run), PathOf(silent.Run)], ignoreOrder: true);

        (await State.Log.CompleteAsync(complete, 2, default)).ShouldBeTrue();
        OpenLogs().ShouldBe([PathOf(silent.Run)]);

        _time.Advance(TimeSpan.FromSeconds(1));
        OpenLogs().ShouldBeEmpty();
        (await ReadAllAsync(complete.Run, 1)).ShouldBe(Record(1));
        (await State.Log.AppendAsync(silent, 2, Bytes([Record(2)]))).ShouldBeTrue();
        OpenLogs().ShouldBe([PathOf(silent.Run)]);
    }

    [Fact]
    public async Task A_log_that_somebody_deletes_meanwhile_takes_no_more_and_reads_as_empty()
    {
        var claim = await ClaimedAsync();
        await State.Log.AppendAsync(claim, 1, Bytes([Record(1)]));
        _time.Advance(TimeSpan.FromSeconds(1));
        File.Delete(PathOf(claim.Run));

        await Should.ThrowAsync<FileNotFoundException>(() => State.Log.AppendAsync(claim, 2, Bytes([Record(2)])));

        (await ReadAllAsync(claim.Run, 1)).ShouldBeEmpty();
        File.Exists(PathOf(claim.Run)).ShouldBeFalse();
    }

    [Fact]
    public async Task Shows_who_follows_what_the_file_has_whatever_of_it_is_in_memory()
    {
        var claim = await ClaimedAsync();
        var random = new Random(20261126);
        var all = new StringBuilder();
        var (next, number) = (LogPosition.Start, 1L);
        var read = new StringBuilder();

        // Larger in all than what is kept in memory.
        while (all.Length < 6 << 20)
        {
            var batch = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Record((int)number++, random.Next(random.Next(20) == 0 ? 90_000 : 900))).ToList();
            (await State.Log.AppendAsync(claim, number - batch.Count, Bytes(batch))).ShouldBeTrue();
            all.AppendJoin("", batch);

            // Now and then it falls behind, or nothing is said for a second.
            if (random.Next(10) > 0 && all.Length % (2 << 20) < 1 << 20)
                await ReadAsync(random.Next(1, 100_000));

            if (random.Next(50) == 0)
                _time.Advance(TimeSpan.FromSeconds(1));

            var anywhere = random.NextInt64(1, number);
            var slice = await State.Log.ReadAsync(claim.Run, LogPosition.Of(anywhere), 10, TestContext.Current.CancellationToken);
            RecordHead.Of(slice.Records.Span).Number.ShouldBe(anywhere);
        }

        await ReadAsync(64 * 1024);
        read.ToString().ShouldBe(all.ToString());

        async Task ReadAsync(int maxBytes)
        {
            while (await State.Log.ReadAsync(claim.Run, next, maxBytes, TestContext.Current.CancellationToken) is { Records.IsEmpty: false } slice)
            {
                read.Append(Encoding.UTF8.GetString(slice.Records.Span));
                next = slice.Next;
            }
        }
    }

    private List<string> OpenLogs() =>
    [
        .. from descriptor in Directory.EnumerateFiles("/proc/self/fd")
           let path = new FileInfo(descriptor).LinkTarget
           where path?.StartsWith(Logs, StringComparison.Ordinal) == true
           select path,
    ];

    private string Logs => ((EmbeddedState)State).Directory.Logs;

    private string PathOf(RunId run) => Path.Join(Logs, $"{run}.ndjson");
}
