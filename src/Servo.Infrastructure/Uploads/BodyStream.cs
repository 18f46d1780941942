using System.Runtime.CompilerServices;
using Servo.Streams;

namespace Servo.Infrastructure.Uploads;

/// <summary>A request's body, read forward only; remembers how much of it came and whether its end was seen.</summary>
internal sealed class BodyStream(Stream body) : ForwardOnlyStream
{
    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether all of the body arrived; a body that breaks off throws before.</summary>
    public bool Ended { get; private set; }

    public override long Position { get => Count; set => throw new NotSupportedException(); }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        Count += read;
        Ended |= read == 0 && !buffer.IsEmpty;
        return read;
    }
}
