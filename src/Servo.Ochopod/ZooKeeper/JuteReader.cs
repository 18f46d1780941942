using System.Buffers.Binary;
using System.Text;

namespace Servo.Ochopod.ZooKeeper;

/// <summary>Takes a frame apart. Every length is the sender's word, so it is checked against what there is before anything is allocated.</summary>
internal ref struct JuteReader(ReadOnlySpan<byte> frame)
{
    private ReadOnlySpan<byte> _rest = frame;

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    public DateTimeOffset Time()
    {
        var milliseconds = Long();

        return milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : throw new InvalidDataException($"{milliseconds} is not a time");
    }

    public byte[] Buffer() => Take(Length()).ToArray();

    public string String() => Encoding.UTF8.GetString(Take(Length()));

    public IReadOnlyList<string> Strings()
    {
        var count = Length();

        if (count > _rest.Length / sizeof(int))
            throw new InvalidDataException($"{count} strings cannot be in {_rest.Length} bytes");

        var strings = new string[count];

        for (var i = 0; i < count; i++)
            strings[i] = String();

        return strings;
    }

    private int Length()
    {
        var length = Int();

        // -1 says that there is nothing at all, which is the same here as something empty.
        return length >= -1 ? Math.Max(length, 0) : throw new InvalidDataException($"{length} is not a length");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw new InvalidDataException($"{length} bytes were announced where {_rest.Length} are left");

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
