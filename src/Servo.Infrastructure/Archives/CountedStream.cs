namespace Servo.Infrastructure.Archives;

/// <summary>Reads another stream, which is disposed of with it, and tells how much came out of it, read by read.</summary>
internal sealed class CountedStream(Stream source, Action<int> count) : InputStream
{
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        count(read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();

        base.Dispose(disposing);
    }
}
