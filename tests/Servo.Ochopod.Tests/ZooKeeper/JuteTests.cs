using CsCheck;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Tests.ZooKeeper;

public sealed class JuteTests
{
    public static TheoryData<string, byte[]> Lies => new()
    {
        { "a thousand million names", new JuteWriter().Int(1_000_000_000).ToFrame() },
        { "a name of 2 GiB", new JuteWriter().Int(1).Int(int.MaxValue).ToFrame() },
        { "a name of negative length", new JuteWriter().Int(1).Int(-2).ToFrame() },
        { "fewer names than were announced", new JuteWriter().Int(2).String("a").ToFrame() },
    };

    [Theory]
    [MemberData(nameof(Lies), DisableDiscoveryEnumeration = true)]
    public void A_length_that_cannot_be_is_refused_before_anything_is_allocated_for_it(string what, byte[] frame)
    {
        Should.Throw<InvalidDataException>(() => Names(frame), what);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<InvalidDataException>(() => Names(frame), what);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(256 * 1024);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(Frames.LongestRead + 1)]
    [InlineData(int.MaxValue)]
    public async Task A_frame_whose_length_is_beyond_the_limit_is_not_read(int length)
    {
        using var frames = new Frames(new MemoryStream(new JuteWriter().Int(length).ToFrame()[sizeof(int)..]));

        await Should.ThrowAsync<InvalidDataException>(async () => await frames.ReadAsync(Frames.LongestRead, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_frame_of_the_greatest_length_is_read()
    {
        using var frames = new Frames(
            new MemoryStream([.. new JuteWriter().Int(Frames.LongestRead).ToFrame()[sizeof(int)..], .. new byte[Frames.LongestRead]]));

        (await frames.ReadAsync(Frames.LongestRead, TestContext.Current.CancellationToken)).Length.ShouldBe(Frames.LongestRead);
    }

    [Fact]
    public void Any_bytes_are_read_as_an_answer_or_refused_as_damaged() => Gen.Byte.Array[0, 100].Sample(bytes =>
    {
        Request[] requests = [
            Calls.Get("/"), Calls.WatchExistence("/"), Calls.Create("/", [], NodeKind.Persistent), Calls.WatchChildren("/"),
            Calls.Set("/", [], 0)];

        foreach (var request in requests)
        {
            try
            {
                var body = new JuteReader(bytes);
                request.Answer(ZooKeeperError.None, ref body, new WatchTable());
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }

            request.IsOver.ShouldBeTrue();
        }
    });

    private static void Names(byte[] frame)
    {
        var reader = new JuteReader(frame.AsSpan(sizeof(int)));
        reader.Strings();
    }
}
