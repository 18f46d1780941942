using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Servo.Infrastructure.Secrets;

/// <summary>Tells whether bytes that come in pieces are UTF-8 text.</summary>
internal sealed class Utf8Check
{
    // The longest sequence has four bytes, so up to three of them may wait for the next piece.
    private readonly byte[] _begun = new byte[4];
    private int _begunLength;

    /// <summary>Whether all that came so far may be the beginning of a text.</summary>
    public bool MayBeText { get; private set; } = true;

    /// <summary>Whether all that came is a whole text.</summary>
    public bool IsText => MayBeText && _begunLength == 0;

    /// <summary>Takes the next piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        while (_begunLength > 0 && !piece.IsEmpty && MayBeText)
        {
            _begun[_begunLength++] = piece[0];
            piece = piece[1..];

            var status = Rune.DecodeFromUtf8(_begun.AsSpan(0, _begunLength), out _, out _);

            if (status != OperationStatus.NeedMoreData)
                (_begunLength, MayBeText) = (0, status == OperationStatus.Done);
        }

        if (piece.IsEmpty || !MayBeText)
            return;

        // An empty or unfinished sequence at the end needs more data; the count says how long it is.
        if (Rune.DecodeLastFromUtf8(piece, out _, out var unfinished) != OperationStatus.NeedMoreData)
            unfinished = 0;

        MayBeText = Utf8.IsValid(piece[..^unfinished]);
        piece[^unfinished..].CopyTo(_begun);
        _begunLength = unfinished;
    }
}
