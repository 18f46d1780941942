using Microsoft.Extensions.Time.Testing;
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
