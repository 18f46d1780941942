namespace Servo.OpenSsl;

/// <summary>Decodes base64 text that comes in pieces, with white space anywhere.</summary>
internal sealed class Base64Decoder
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string WhiteSpace = " \t\r\n\v\f";

    private const int Skipped = -2;

    private static readonly int[] s_values = Values();

    private int _bits;
    private int _characters;
    private int _paddings;

    /// <summary>Whether something came that is not base64; nothing behind it is decoded.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsWhole => (_characters + _paddings) % 4 == 0;

    /// <summary>
    /// Decodes a part of an array into the same place, where the bytes never overtake the text, and returns how many bytes that gave.
    /// </summary>
    public int Decode(byte[] text, int offset, int count)
    {
        var (at, length) = (offset, offset);
        var end = offset + count;

        while (at < end && !IsDamaged)
        {
            // Nearly all groups are whole, and a line's end is between two.
            if (_characters == 0 && _paddings == 0)
                DecodeGroups(text, ref at, ref length, end);

            if (at < end)
                DecodeCharacter(text, at++, ref length);
        }

        return length - offset;
    }

    private static void DecodeGroups(byte[] text, ref int at, ref int length, int end)
    {
        var values = s_values;

        for (; at + 4 <= end; at += 4)
        {
            var group = values[text[at]] << 18 | values[text[at + 1]] << 12 | values[text[at + 2]] << 6 | values[text[at + 3]];

            if (group < 0)
                return;

            text[length] = (byte)(group >> 16);
            text[length + 1] = (byte)(group >> 8);
            text[length + 2] = (byte)group;
            length += 3;
        }
    }

    private void DecodeCharacter(byte[] text, int at, ref int length)
    {
        var value = s_values[text[at]];

        if (value == Skipped)
            return;

        if (text[at] == '=' && _characters >= 2 && _characters + _paddings < 4)
        {
            _paddings++;
        }
        else if (value < 0 || _paddings > 0)
        {
            IsDamaged = true;
        }
        else
        {
            _bits = _bits << 6 | value;
            _characters = (_characters + 1) & 3;

            // Every character but a group's first completes a byte.
            if (_characters != 1)
                text[length++] = (byte)(_bits >> (_characters switch { 2 => 4, 3 => 2, _ => 0 }));
        }
    }

    private static int[] Values()
    {
        var values = new int[256];

        for (var i = 0; i < values.Length; i++)
            values[i] = WhiteSpace.Contains((char)i) ? Skipped : Alphabet.IndexOf((char)i);

        return values;
    }
}
