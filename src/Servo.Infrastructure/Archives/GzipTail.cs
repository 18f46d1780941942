namespace Servo.Infrastructure.Archives;

/// <summary>
/// Feeds a gzip file to a decoder that does not tell how it ended: the GZipStream of .NET 10 stops without a word at a member that is cut short (its strict
/// check is off by default) and at whatever follows the last member. So behind the file's last byte comes one zero: a decoder whose last member is complete
/// takes it for something that is not gzip and stops, whereas one that asks for yet more was in the middle of a member.
/// </summary>
internal sealed class GzipTail : InputStream
{
    private readonly Stream _file;
    private readonly long _length;
    private readonly long _startOfZeros;
    private long _position;

    public GzipTail(Stream file)
    {
        _file = file;
        _length = file.Length;
        _startOfZeros = ZeroPadding.FindStart(file);
        _file.Position = 0;
    }

    /// <summary>Called when the decoder has stopped: throws if something other than zeros, which gzip allows as padding, follows the last member.</summary>
    public void EnsureNothingFollows()
    {
        if (_position <= _startOfZeros)
            throw ArchiveException.Bad("something else follows its compressed data");
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position > _length)
            throw ArchiveException.Bad("it is cut short");

        var read = 1;

        // The zeros at the end come one by one: a decoder that asks for one of them has used up all that is before them.
        if (_position < _startOfZeros)
            read = _file.Read(buffer[..(int)Math.Min(buffer.Length, _startOfZeros - _position)]);
        else
            buffer[0] = 0;

        _position += read;
        return read;
    }
}
