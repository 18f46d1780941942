namespace Servo.AspNetCore.Answers;

/// <summary>Text that waits to be sent, first in, first out.</summary>
internal sealed class HeldText
{
    private char[] _chars = [];
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public void Append(ReadOnlySpan<char> text)
    {
        if (_chars.Length - _end < text.Length)
            MakeRoom(text.Length);

        text.CopyTo(_chars.AsSpan(_end));
        _end += text.Length;
    }

    /// <summary>Removes the first characters; they stay valid until the next <see cref="Append"/>.</summary>
    public ReadOnlySpan<char> Take(int count)
    {
        var taken = _chars.AsSpan(_start, count);
        _start += count;
        return taken;
    }

    private void MakeRoom(int more)
    {
        var held = _chars.AsSpan(_start, Length);
        var target = _chars.Length >= held.Length + more ? _chars : new char[Math.Max(256, 2 * (held.Length + more))];
        held.CopyTo(target);
        (_chars, _start, _end) = (target, 0, held.Length);
    }
}
