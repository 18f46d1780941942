namespace Servo.Infrastructure.Archives;

/// <summary>What a decoder makes of its input; whatever the decoder throws at damaged input becomes a failure.</summary>
/// <param name="open">Opens the decoder, at the first read: some read a header at once.</param>
/// <param name="atEnd">Called with the number of decoded bytes when the decoder has ended.</param>
/// <param name="onRead">Called with all decoded bytes, in order.</param>
internal sealed class DecodedStream(Func<Stream> open, Action<long>? atEnd = null, BytesObserver? onRead = null) : InputStream
{
    private Stream? _decoder;
    private long _total;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            _decoder ??= open();
            var read = _decoder.Read(buffer);
            _total += read;
            onRead?.Invoke(buffer[..read]);

            if (read == 0 && buffer.Length > 0)
                atEnd?.Invoke(_total);

            return read;
        }
        catch (EndOfStreamException)
        {
            throw ArchiveException.Bad("it is cut short");
        }
        catch (Exception exception) when (ArchiveException.IsDamage(exception))
        {
            throw ArchiveException.Bad("its compressed data are damaged");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _decoder?.Dispose();

        base.Dispose(disposing);
    }
}

/// <summary>Looks at bytes.</summary>
internal delegate void BytesObserver(ReadOnlySpan<byte> bytes);
