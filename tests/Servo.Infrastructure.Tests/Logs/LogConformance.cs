using System.Text;
using Servo.Application.Logs;
using Servo.Domain.Runs;
using Servo.Infrastructure.Tests.Runs;

namespace Servo.Infrastructure.Tests.Logs;

/// <summary>What <see cref="IRunLog"/> promises.</summary>
public abstract class LogConformance(IRunState state) : RunStoreConformance(state)
{
    private IRunLog Log => State.Log;

    [Fact]
    public async Task Reads_what_was_added_from_every_record()
    {
        var claim = await ClaimedAsync();
        var all = new List<string>();

        for (var first = 1; first <= 3_000; first += 30)
        {
            var batch = Enumerable.Range(first, 30).Select(number => Record(number, (number * 37 % 400) + (number % 500 == 0 ? 40_000 : 0))).ToList();
            all.AddRange(batch);
            (await Log.AppendAsync(claim, first, Bytes(batch))).ShouldBeTrue();
        }

        for (var number = 1; number <= 3_000; number++)
        {
            var slice = await Log.ReadAsync(claim.Run, LogPosition.Of(number), 1, Token);
            Encoding.UTF8.GetString(slice.Records.Span).ShouldBe(all[number - 1]);
            slice.Next.Number.ShouldBe(number + 1);
        }

        (await ReadAllAsync(claim.Run, 1)).ShouldBe(string.Concat(all));
        (await ReadAllAsync(claim.Run, 2_345)).ShouldBe(string.Concat(all.Skip(2_344)));
    }

    [Fact]
    public async Task Reads_a_record_that_stands_for_several_by_each_of_their_numbers()
    {
        var claim = await ClaimedAsync();
        var all = new List<(long First, long Next, string Record)>();
        var random = new Random(20261127);

        for (var next = 1L; next < 20_000;)
        {
            var count = random.Next(3) == 0 ? 1 : random.Next(2, 200);
            var record = count == 1 ? Record((int)next) : Packed(next, count, random.Next(2_000));
            (await Log.AppendAsync(claim, next, Bytes([record]))).ShouldBeTrue();
            (await Log.AppendAsync(claim, next, Bytes([record]))).ShouldBeTrue();
            all.Add((next, next += count, record));
            (await Log.AppendAsync(claim, next - 1, Bytes([Record((int)next - 1, 7)]))).ShouldBeFalse();
        }

        foreach (var (first, next, record) in all)
        {
            foreach (var number in new[] { first, random.NextInt64(first, next), next - 1 })
            {
                var slice = await Log.ReadAsync(claim.Run, LogPosition.Of(number), 1, Token);
                Encoding.UTF8.GetString(slice.Records.Span).ShouldBe(record);
                slice.Next.Number.ShouldBe(next);
            }
        }

        (await Log.LastAsync(claim.Run)).ShouldBe(all[^1].Next - 1);
        Reopen();
        (await ReadAllAsync(claim.Run, 1)).ShouldBe(string.Concat(all.Select(one => one.Record)));
        (await Log.AppendAsync(claim, all[^1].Next, Bytes([Record((int)all[^1].Next)]))).ShouldBeTrue();
    }

    [Fact]
    public async Task Waits_for_a_record_that_is_not_there_yet()
    {
        var claim = await ClaimedAsync();
        (await Log.ReadAsync(claim.Run, LogPosition.Start, 99, Token)).ShouldBe(new LogSlice(default, LogPosition.Start));
        (await Log.LastAsync(claim.Run)).ShouldBe(0);
        await Log.AppendAsync(claim, 1, Bytes([Record(1), Record(2)]));
        (await Log.LastAsync(claim.Run)).ShouldBe(2);

        var ahead = await Log.ReadAsync(claim.Run, LogPosition.Of(5), 99, Token);
        var end = await Log.ReadAsync(claim.Run, LogPosition.Of(3), 99, Token);
        (ahead.Records.Length, ahead.Next.Number, end.Records.Length, end.Next.Number).ShouldBe((0, 5, 0, 3));

        await Log.AppendAsync(claim, 3, Bytes([Record(3), Record(4), Record(5)]));
        Encoding.UTF8.GetString((await Log.ReadAsync(claim.Run, ahead.Next, 9_999, Token)).Records.Span).ShouldBe(Record(5));
        Encoding.UTF8.GetString((await Log.ReadAsync(claim.Run, end.Next, 9_999, Token)).Records.Span).ShouldBe(Record(3) + Record(4) + Record(5));
    }

    [Fact]
    public async Task Takes_the_same_records_again_and_refuses_gaps_and_others()
    {
        var claim = await ClaimedAsync();
        var records = Bytes([Record(1), Record(2)]);
        (await Log.AppendAsync(claim, 1, records)).ShouldBeTrue();
        (await Log.AppendAsync(claim, 3, Bytes([Record(3)]))).ShouldBeTrue();

        (await Log.AppendAsync(claim, 1, records)).ShouldBeTrue();
        (await Log.AppendAsync(claim, 3, Bytes([Record(3)]))).ShouldBeTrue();
        (await Log.AppendAsync(claim, 5, Bytes([Record(5)]))).ShouldBeFalse();
        (await Log.AppendAsync(claim, 2, Bytes([Record(2, 5)]))).ShouldBeFalse();
        (await Log.AppendAsync(claim, 3, Bytes([Record(3), Record(4)]))).ShouldBeFalse();

        (await ReadAllAsync(claim.Run, 1)).ShouldBe(Record(1) + Record(2) + Record(3));
    }

    [Fact]
    public async Task Refuses_another_claim()
    {
        var claim = await ClaimedAsync();
        await Log.AppendAsync(claim, 1, Bytes([Record(1)]));
        await Log.CompleteAsync(claim, 2, default);

        (await Log.CompleteAsync(claim with { Host = HostId.New() }, 2, Bytes([Record(2)]))).ShouldBeFalse();
        (await Log.AppendAsync(claim with { Host = HostId.New() }, 2, Bytes([Record(2)]))).ShouldBeFalse();
        (await Log.AppendAsync(claim, 2, Bytes([Record(2)]))).ShouldBeTrue();
    }

    [Fact]
    public async Task Refuses_what_is_not_whole_records()
    {
        var claim = await ClaimedAsync();

        foreach (var bytes in new[] { "", "{\"event\":\"line\",\"seq\":1}", "{\"event\":\"line\",\"seq\":2}\n", "words\n" })
            await Should.ThrowAsync<ArgumentException>(() => Log.AppendAsync(claim, 1, Encoding.UTF8.GetBytes(bytes)));
    }

    [Fact]
    public async Task Goes_on_after_completion_and_reopening()
    {
        var claim = await ClaimedAsync();

        for (var number = 1; number <= 20; number++)
        {
            (await Log.AppendAsync(claim, number, Bytes([Record(number)]))).ShouldBeTrue();

            if (number % 3 == 0)
                await Log.CompleteAsync(claim, number + 1, default);

            if (number % 7 == 0)
                Reopen();
        }

        (await ReadAllAsync(claim.Run, 1)).ShouldBe(string.Concat(Enumerable.Range(1, 20).Select(number => Record(number))));
        (await Log.LengthAsync(claim.Run)).ShouldBe(Enumerable.Range(1, 20).Sum(number => Record(number).Length));
    }

    [Fact]
    public async Task Lists_and_deletes()
    {
        var (one, two) = (await ClaimedAsync(), await ClaimedAsync());
        await Log.AppendAsync(one, 1, Bytes([Record(1)]));
        await Log.AppendAsync(two, 1, Bytes([Record(1)]));
        (await Log.ListAsync(Token)).ShouldBe([one.Run, two.Run], ignoreOrder: true);

        await Log.DeleteAsync(one.Run);
        await Log.DeleteAsync(one.Run);

        (await Log.ListAsync(Token)).ShouldBe([two.Run]);
        (await Log.LengthAsync(one.Run)).ShouldBe(0);
        (await Log.ReadAsync(one.Run, LogPosition.Start, 99, Token)).Records.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Serves_200_readers_while_it_is_written()
    {
        var claim = await ClaimedAsync();
        var all = string.Concat(Enumerable.Range(1, 2_000).Select(number => Record(number)));

        var readers = Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            var text = new StringBuilder();
            var next = LogPosition.Start;

            while (next.Number <= 2_000)
            {
                var slice = await Log.ReadAsync(claim.Run, next, 8_192, Token);
                text.Append(Encoding.UTF8.GetString(slice.Records.Span));
                next = slice.Next;

                if (slice.Records.IsEmpty)
                    await Task.Delay(2, Token);
            }

            return text.ToString();
        })).ToList();

        for (var first = 1; first <= 2_000; first += 20)
        {
            await Log.AppendAsync(claim, first, Bytes(Enumerable.Range(first, 20).Select(number => Record(number))));

            if (first % 200 == 1)
                await Log.CompleteAsync(claim, first + 20, default);
        }

        (await Task.WhenAll(readers)).ShouldAllBe(text => text == all);
    }

    protected static string Record(int number, int length = 20) => $"{{\"event\":\"line\",\"seq\":{number},\"text\":\"{new string('x', length)}\"}}\n";

    private static string Packed(long number, int count, int length) =>
        $"{{\"event\":\"lines\",\"seq\":{number},\"count\":{count},\"text\":\"{new string('x', length)}\"}}\n";

    protected static byte[] Bytes(IEnumerable<string> records) => Encoding.UTF8.GetBytes(string.Concat(records));

    protected async Task<RunClaim> ClaimedAsync() => (await StartAsync()).Claim;

    protected async Task<string> ReadAllAsync(RunId run, int from)
    {
        var text = new StringBuilder();
        var slice = new LogSlice(default, LogPosition.Of(from));

        while ((slice = await Log.ReadAsync(run, slice.Next, 4_096, Token)).Records.Length > 0)
            text.Append(Encoding.UTF8.GetString(slice.Records.Span));

        return text.ToString();
    }
}
