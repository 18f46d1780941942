namespace Servo.Infrastructure.Archives;

/// <summary>
/// A file up to where its padding starts, in which nobody can seek to where it is
/// not, so that an offset made of damaged bytes does not look like a disk that fails.
/// </summary>
internal sealed class SeekGuard(Stream file, long length) : InputStream
{
    public override bool CanSeek => true;

    public override long Length => length;

    public override long Position
    {
        get => file.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> buffer) => file.Read(buffer[..(int)Math.Min(buffer.Length, Math.Max(0, length - file.Position))]);

    public override long Seek(long offset, SeekOrigin origin)
    {
        var start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => file.Position,
            _ => length,
        };

        if (offset < -start || offset > length - start)
            throw new InvalidDataException("An offset leads outside the file.");

        return file.Seek(start + offset, SeekOrigin.Begin);
    }
}
