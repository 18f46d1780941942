using System.Buffers.Binary;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Reads frames, one at a time, from a stream that it owns.</summary>
internal sealed class Frames(Stream stream) : IDisposable
{
    /// <summary>The longest frame that a server takes, by its setting jute.maxbuffer; it hangs up on a longer one.</summary>
    public const int LongestSent = 1024 * 1024 - 1;

    /// <summary>The longest frame that is read: a server's limit does not hold for what it sends, such as the names of very many children.</summary>
    public const int LongestRead = 4 * 1024 * 1024;

    private readonly BufferedStream _stream = new(stream, 16 * 1024);
    private readonly byte[] _prefix = new byte[sizeof(int)];
    private byte[] _frame = new byte[1024];

    /// <summary>Waits for the next frame, which is valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The frame is too long.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int longest, CancellationToken cancellationToken)
    {
        await _stream.ReadExactlyAsync(_prefix, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(_prefix);

        if (length < 0 || length > longest)
            throw new InvalidDataException($"it sent a frame of {length} bytes");

        if (length > _frame.Length)
            _frame = new byte[length];

        await _stream.ReadExactlyAsync(_frame.AsMemory(0, length), cancellationToken);
        return _frame.AsMemory(0, length);
    }
    public void Dispose() => _stream.Dispose();
}
