using System.Text;
using Servo.Application.Logs;

namespace Servo.Infrastructure.Scripts;

/// <summary>Passes a script's output on and remembers the last of it, in which a script that fails says why.</summary>
internal sealed class OutputTail(IRunOutput output) : IRunOutput
{
    private const int Bytes = 4096;

    private readonly byte[] _last = new byte[Bytes];
    private int _length;

    /// <summary>The lines of it, the last one first.</summary>
    public IEnumerable<string> LinesFromTheEnd() => Encoding.UTF8.GetString(_last, 0, _length).Split('\n', StringSplitOptions.RemoveEmptyEntries).Reverse();

    /// <inheritdoc/>
    public ValueTask WriteAsync(RunEvent happened)
    {
        if (happened is RunEvent.Output written)
            Remember(written.Text.Span);

        return output.WriteAsync(happened);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync() => output.FlushAsync();

    private void Remember(ReadOnlySpan<byte> text)
    {
        text = text[Math.Max(0, text.Length - Bytes)..];
        var kept = Math.Min(_length, Bytes - text.Length);
        _last.AsSpan(_length - kept, kept).CopyTo(_last);
        text.CopyTo(_last.AsSpan(kept));
        _length = kept + text.Length;
    }
}
