using Servo.Domain.Runs;
using Servo.Infrastructure.Tests.Runs;

namespace Servo.Infrastructure.Tests.Logs;

public sealed class FileRunLogTests() : LogConformance(new EmbeddedState())
{
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
    public async Task Holds_no_file_open_once_it_is_saved()
    {
        var claims = new List<RunClaim>();

        for (var i = 0; i < 20; i++)
        {
            claims.Add(await ClaimedAsync());
            await State.Log.AppendAsync(claims[i], 1, Bytes([Record(1)]));
        }

        OpenFiles().ShouldBe(20);
        await Task.WhenAll(claims.Select(claim => State.Log.SaveAsync(claim.Run)));
        OpenFiles().ShouldBe(0);
        (await ReadAllAsync(claims[0].Run, 1)).ShouldBe(Record(1));
        OpenFiles().ShouldBe(0);

        int OpenFiles() => Directory.EnumerateFiles("/proc/self/fd").Count(file => File.ResolveLinkTarget(file, false)?.FullName.StartsWith(Logs, StringComparison.Ordinal) == true);
    }

    private string Logs => ((EmbeddedState)State).Directory.Logs;

    private string PathOf(RunId run) => Path.Join(Logs, $"{run}.ndjson");
}
