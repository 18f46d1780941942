using System.Text;

namespace Servo.OpenSsl;

/// <summary>Tells whether bytes that come in pieces are UTF-8 text; what was decoded is wiped on disposal.</summary>
internal sealed class Utf8Check : IDisposable
{
    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private readonly char[] _characters = new char[4096];
    private bool _isInvalid;

    /// <summary>Whether all that came is a whole text; nothing can be appended afterwards.</summary>
    public bool IsText => TryDecode([], 0, 0, flush: true);

    /// <summary>Takes the next piece; <see langword="false"/> where all that came so far is not the beginning of a text.</summary>
    public bool Append(byte[] bytes, int offset, int count) => TryDecode(bytes, offset, count, flush: false);

    public void Dispose() => Array.Clear(_characters, 0, _characters.Length);

    private bool TryDecode(byte[] bytes, int offset, int count, bool flush)
    {
        try
        {
            for (var isDone = _isInvalid; !isDone;)
            {
                _decoder.Convert(bytes, offset, count, _characters, 0, _characters.Length, flush, out var used, out _, out isDone);
                (offset, count) = (offset + used, count - used);
            }
        }
        catch (DecoderFallbackException)
        {
            _isInvalid = true;
        }

        return !_isInvalid;
    }
}
