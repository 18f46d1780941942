using Servo.Fuzzing;
using Servo.Ochopod.ZooKeeper;

namespace Servo.Ochopod.Tests.Fuzzing;

/// <summary>What a ZooKeeper server sends is an answer, or damaged.</summary>
public sealed class ZooKeeperFuzzTests
{
    [Fact]
    public Task Of_its_frames() => Mutations.TryAsync(
        [
            new JuteWriter().Int(2).String("one").String("größe").ToFrame(),
            new JuteWriter().Int(5).Int(1).Int(0x01020304).Long(1).Long(2).Long(1700000000000).Long(1700000000001)
                .Int(1).Int(0).Int(3).Long(0).Int(5).Int(0).Long(9).ToFrame(),
            new JuteWriter().String("/a/path").ToFrame(),
        ],
        async bytes =>
        {
            using var frames = new Frames(new MemoryStream(bytes));

            try
            {
                var frame = await frames.ReadAsync(Frames.LongestRead, CancellationToken.None);
                Request[] requests =
                [
                    Calls.Get("/"), Calls.Watch("/"), Calls.Exists("/"), Calls.WatchExistence("/"), Calls.Create("/", [], NodeKind.Persistent),
                    Calls.Children("/"),
                    Calls.WatchChildren("/"), Calls.Set("/", [], 0), Calls.Delete("/", 0),
                ];

                foreach (var request in requests)
                    Answer(request, frame.Span);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                // Too long, or cut short: the connection ends.
            }
        });

    private static void Answer(Request request, ReadOnlySpan<byte> frame)
    {
        try
        {
            var body = new JuteReader(frame);
            request.Answer(ZooKeeperError.None, ref body, new WatchTable());
        }
        catch (InvalidDataException)
        {
            // Damaged.
        }

        request.IsOver.ShouldBeTrue();
    }
}
