namespace Servo.Client.Bundles;

/// <summary>Fills the blocks of a <see cref="BlockPipe"/>.</summary>
internal sealed class BlockWriter(BlockPipe pipe, CancellationToken cancellationToken)
{
    private byte[]? _block;
    private int _count;

    public void Write(byte[] bytes, int offset, int count)
    {
        while (count > 0)
        {
            var block = Block();
            var taken = Math.Min(count, block.Length - _count);
            Buffer.BlockCopy(bytes, offset, block, _count, taken);
            (_count, offset, count) = (_count + taken, offset + taken, count - taken);
        }
    }

    public void Write(byte[] bytes) => Write(bytes, 0, bytes.Length);

    /// <summary>Copies a file; <see langword="false"/> where it does not have exactly as many bytes as it should.</summary>
    public bool TryCopy(Stream file, long length)
    {
        while (true)
        {
            var block = Block();
            // One byte more than there should be: most files are then read, and seen to end, by one call.
            var asked = (int)Math.Min(block.Length - _count, length + 1);
            var read = file.Read(block, _count, asked);

            if (read > length || read == 0)
                return read == length;

            _count += read;
            length -= read;

            if (length == 0 && read < asked)
                return true;
        }
    }

    /// <summary>Sends what is not sent yet.</summary>
    public void Flush()
    {
        if (_block is null)
            return;

        pipe.Send(_block, _count);
        _block = null;
    }

    // A block with room in it.
    private byte[] Block()
    {
        if (_block is not null && _count == _block.Length)
            Flush();

        if (_block is null)
            (_block, _count) = (pipe.Take(cancellationToken), 0);

        return _block;
    }
}
