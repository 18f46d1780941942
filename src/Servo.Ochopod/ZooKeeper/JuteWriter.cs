using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Builds one frame in ZooKeeper's encoding: big-endian numbers, and a length before whatever varies.</summary>
internal sealed class JuteWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public JuteWriter() => Int(0);

    public JuteWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
        return this;
    }

    public JuteWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
        return this;
    }

    public JuteWriter Bool(bool value)
    {
        _bytes.Write([value ? (byte)1 : (byte)0]);
        return this;
    }

    public JuteWriter Buffer(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        _bytes.Write(value);
        return this;
    }

    public JuteWriter String(string value)
    {
        Int(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _bytes);
        return this;
    }

    public JuteWriter Strings(IReadOnlyCollection<string> values)
    {
        Int(values.Count);

        foreach (var value in values)
            String(value);

        return this;
    }

    /// <summary>The frame, with its own length in front.</summary>
    public byte[] ToFrame()
    {
        var frame = _bytes.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - sizeof(int));
        return frame;
    }
}
