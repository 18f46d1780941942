namespace Servo.Client.Secrets;

/// <summary>Decodes base64 text that comes in pieces, with white space anywhere.</summary>
internal sealed class Base64Decoder
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private static readonly sbyte[] s_values = Values();

    private int _bits;
    private int _characters;
    private int _paddings;

    /// <summary>Whether the text may end here.</summary>
    public bool IsWhole => (_characters + _paddings) % 4 == 0;

    /// <summary>Decodes into the same array, which never overtakes itself, and returns how many bytes that gave; throws <see cref="InvalidDataException"/> for anything but base64.</summary>
    public int Decode(byte[] text, int count)
    {
        var length = 0;

        for (var i = 0; i < count; i++)
        {
            var character = text[i];

            if (character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;

            if (character == '=' && (_characters & 3) is 2 or 3 && ++_paddings + (_characters & 3) <= 4)
                continue;

            if (_paddings > 0 || s_values[character] < 0)
                throw new InvalidDataException("The secret's base64 text is damaged.");

            _bits = _bits << 6 | (byte)s_values[character];
            _characters = (_characters + 1) & 3;

            // Every character but a group's first completes a byte.
            if (_characters != 1)
                text[length++] = (byte)(_bits >> _characters switch { 2 => 4, 3 => 2, _ => 0 });
        }

        return length;
    }

    private static sbyte[] Values()
    {
        var values = new sbyte[256];

        for (var i = 0; i < values.Length; i++)
            values[i] = (sbyte)Alphabet.IndexOf((char)i);

        return values;
    }
}
