using System.Buffers;
using System.Text;
using Servo.Application.Logs;

namespace Servo.Infrastructure.Scripts;

/// <summary>Turns a script's bytes into lines: split at line feeds only, with U+FFFD for what is not UTF-8, a long line in pieces.</summary>
internal sealed class LineSplitter(string script, IRunOutput output)
{
    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: false).GetDecoder();
    private bool _open;

    /// <summary>Passes on every line that ends in <paramref name="bytes"/>, and the beginning of the next.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;

        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));

        try
        {
            var count = _decoder.GetChars(bytes.Span, chars, flush: false);
            await SplitAsync(chars.AsMemory(0, count));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    /// <summary>Ends a last line that has no line feed.</summary>
    public async ValueTask CompleteAsync()
    {
        var rest = new char[4];
        var count = _decoder.GetChars([], rest, flush: true);

        if (count > 0 || _open)
            await output.WriteAsync(new RunEvent.Line(script, OutputStream.Stdout, rest.AsMemory(0, count), EndsLine: true));
    }

    private async ValueTask SplitAsync(ReadOnlyMemory<char> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf('\n');
            _open = end < 0;
            await output.WriteAsync(new RunEvent.Line(script, OutputStream.Stdout, _open ? text : text[..end], EndsLine: !_open));
            text = _open ? default : text[(end + 1)..];
        }
    }
}
