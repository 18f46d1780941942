using Servo.Streams;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

[CollectionDefinition(nameof(PortalMemory), DisableParallelization = true)]
public sealed class PortalMemory;

[Collection(nameof(PortalMemory))]
public sealed class PortalStreamingTests
{
    private const long Size = 100L * 1024 * 1024;
    private const long Allowed = 16L * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_files_of_100_MB(bool lengthIsKnown)
    {
        using var spool = new TempDirectory();
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url, root: spool.Path);
        var files = new MeasuredZeros(Size);

        await provider.Portal().AnswerToAsync(PortalCalls.Command("deploy big", files, PortalCalls.ContentType, lengthIsKnown ? Size : null));

        server.Requests.ShouldHaveSingleItem().BodyLength.ShouldBe(Size);
        files.Growth.ShouldBeLessThan(Allowed);
    }

    [Fact]
    public async Task Streams_an_answer_of_100_MB()
    {
        await using var server = await PortalServer.StartAsync();
        await using var provider = Portals.ProvideFor(server.Url);
        server.Answer = _ => PortalReply.Streamed(Size);
        var heap = new HeapGrowth();

        var result = await provider.Portal().SendAsync(PortalCalls.Command("log -l"), Cancellation);
        await using var answer = result.Value.ShouldNotBeNull();
        var buffer = new byte[64 * 1024];
        var total = 0L;

        while (await answer.Content.ReadAsync(buffer, Cancellation) is > 0 and var read)
        {
            total += read;
            heap.Measure();
        }

        total.ShouldBeGreaterThan(Size);
        heap.Most.ShouldBeLessThan(Allowed);
    }

    /// <summary>How far the managed heap grew past its size at the beginning; garbage counts, so nothing large can have been made on the way either.</summary>
    private sealed class HeapGrowth
    {
        private readonly long _start = GC.GetTotalMemory(forceFullCollection: true);

        public long Most { get; private set; }

        public void Measure() => Most = Math.Max(Most, GC.GetTotalMemory(forceFullCollection: false) - _start);
    }

    private sealed class MeasuredZeros(long size) : ForwardOnlyStream
    {
        private readonly HeapGrowth _heap = new();
        private long _left = size;

        public long Growth => _heap.Most;

        public override int Read(Span<byte> buffer)
        {
            _heap.Measure();
            var read = (int)Math.Min(buffer.Length, _left);
            buffer[..read].Clear();
            _left -= read;
            return read;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
    }
}
