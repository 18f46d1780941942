using System.Text;

namespace Servo.Bundles;

/// <summary>
/// The encoding of names in a zip archive that no flag calls UTF-8: UTF-8 all the same where they are (Info-ZIP and bsdtar on Unix, macOS),
/// else code page 437 (APPNOTE.TXT, appendix D). No name that means something is both.
/// </summary>
internal sealed class ZipNames : Encoding
{
    private const string UpperHalf =
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

    public override string GetString(byte[] bytes, int index, int count)
    {
        var text = UTF8.GetString(bytes, index, count);

        return text.IndexOf('\ufffd') < 0
            ? text
            : string.Concat(bytes.Skip(index).Take(count).Select(value => value < 0x80 ? (char)value : UpperHalf[value - 0x80]));
    }

    public override int GetCharCount(byte[] bytes, int index, int count) => GetString(bytes, index, count).Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var text = GetString(bytes, byteIndex, byteCount);
        text.CopyTo(0, chars, charIndex, text.Length);

        return text.Length;
    }

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        UTF8.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount);
}
