namespace Servo.OpenSsl;

/// <summary>Decodes base64 text that comes in pieces, with white space anywhere.</summary>
internal sealed class Base64Decoder
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string WhiteSpace = " \t\r\n\v\f";

    private const sbyte Skipped = -2;

    private static readonly sbyte[] s_values = Values();

    private int _bits;
    private int _characters;
    private int _paddings;

    /// <summary>Whether something came that is not base64; nothing behind it is decoded.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsWhole => (_characters + _paddings) % 4 == 0;

    /// <summary>Decodes a part of an array into the same place, where the bytes never overtake the text, and returns how many bytes that gave.</summary>
    public int Decode(byte[] text, int offset, int count)
    {
        var (bits, characters, length) = (_bits, _characters, 0);

        for (var i = offset; i < offset + count && !IsDamaged; i++)
        {
            var value = s_values[text[i]];

            if (value < 0 || _paddings > 0)
            {
                if (value == Skipped)
                    continue;

                if (text[i] == '=' && characters + ++_paddings is 3 or 4 && characters >= 2)
                    continue;

                IsDamaged = true;
                break;
            }

            bits = bits << 6 | (byte)value;
            characters = (characters + 1) & 3;

            // Every character but a group's first completes a byte.
            if (characters != 1)
                text[offset + length++] = (byte)(bits >> (characters switch { 2 => 4, 3 => 2, _ => 0 }));
        }

        (_bits, _characters) = (bits, characters);
        return length;
    }

    private static sbyte[] Values()
    {
        var values = new sbyte[256];

        for (var i = 0; i < values.Length; i++)
            values[i] = WhiteSpace.IndexOf((char)i) >= 0 ? Skipped : (sbyte)Alphabet.IndexOf((char)i);

        return values;
    }
}
