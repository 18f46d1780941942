using System.Buffers;
using System.Buffers.Text;

namespace Servo.Buffers;

/// <summary>Writes many small pieces in few steps: the target is asked for room now and then, and told what was written by <see cref="Complete"/>.</summary>
internal ref struct SpanWriter
{
    /// <summary>The most bytes of a number.</summary>
    public const int MaxNumberBytes = 20;

    private const int LeastRoom = 4 * 1024;

    private readonly IBufferWriter<byte>? _target;
    private Span<byte> _room;
    private int _written;

    public SpanWriter(IBufferWriter<byte> target) => _target = target;

    /// <summary>Writes into this room, which has to be large enough.</summary>
    public SpanWriter(Span<byte> room) => _room = room;

    /// <summary>The bytes written since the target was told last.</summary>
    public readonly int Written => _written;

    /// <summary>Writes these bytes.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _room.Length - _written)
            MakeRoom(bytes.Length);

        bytes.CopyTo(_room[_written..]);
        _written += bytes.Length;
    }

    /// <summary>Writes a number in decimal digits.</summary>
    public void Write(long number)
    {
        if (MaxNumberBytes > _room.Length - _written)
            MakeRoom(MaxNumberBytes);

        Utf8Formatter.TryFormat(number, _room[_written..], out var length);
        _written += length;
    }

    /// <summary>Tells the target what was written.</summary>
    public void Complete()
    {
        // There need not be any room yet.
        if (_written > 0)
            _target?.Advance(_written);

        _room = default;
        _written = 0;
    }

    private void MakeRoom(int bytes)
    {
        Complete();
        _room = (_target ?? throw new InvalidOperationException("There is no more room.")).GetSpan(Math.Max(bytes, LeastRoom));
    }
}
