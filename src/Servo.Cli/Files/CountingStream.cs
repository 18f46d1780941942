using Servo.Streams;

namespace Servo.Cli.Files;

/// <summary>Counts the bytes written to a stream, as a pipe has no length.</summary>
internal sealed class CountingStream(Stream inner) : ForwardOnlyStream
{
    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Written += buffer.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        Written += buffer.Length;
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
