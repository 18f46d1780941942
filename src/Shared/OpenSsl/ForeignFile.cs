using System.Text;
using Servo.Bundles;

namespace Servo.OpenSsl;

/// <summary>Recognises by its first bytes a file that is not in the format of <c>openssl enc</c>.</summary>
internal static class ForeignFile
{
    /// <summary>What to do about a file that does not open.</summary>
    public const string Advice =
        "Encrypt it with 'openssl enc -aes-256-cbc -pbkdf2 -salt -base64 -pass env:SERVO_TOKEN -in FILE -out FILE.aes'";

    /// <summary>The number of bytes to look at.</summary>
    public const int StartSize = 4096;

    private const string NeverInBase64 = " :;{<#\"'";
    private const string ByOpenSsl = "let openssl write the file itself (-out)";

    // What a file starts with, in Latin-1, and what that says of it.
    private static readonly (string Start, string What)[] s_kinds =
    [
        ("\u00ef\u00bb\u00bf", $"it starts with a byte order mark: {ByOpenSsl}, or save it without one"),
        ("\u00ff\u00fe", $"it is UTF-16 text, as '>' of Windows PowerShell writes it: {ByOpenSsl}"),
        ("\u00fe\u00ff", $"it is UTF-16 text: {ByOpenSsl}"),
        ("U\02\0F\0", $"it is UTF-16 text: {ByOpenSsl}"),
        ("\0U\02\0F", $"it is UTF-16 text: {ByOpenSsl}"),
        ("VTJGc2RHVmtYM", "it is base64 text of base64 text"),
        ("-----BEGIN PGP MESSAGE", "it is a message of GPG"),
        ("\u008c\r\u0004", "it is a message of GPG"),
        ("\u00c3\r\u0004", "it is a message of GPG"),
        ("\u0085\u0001\u000c\u0003", "it is a message of GPG"),
        ("\u0085\u0002\u000c\u0003", "it is a message of GPG"),
        ("\u0084\u005e\u0003", "it is a message of GPG"),
        ("age-encryption.org/", "it is a file of age"),
        ("-----BEGIN AGE ENCRYPTED FILE", "it is a file of age"),
        ("$ANSIBLE_VAULT;", "it is a file of ansible-vault"),
        ("AES\0", "it is a file of AES Crypt"),
        ("AES\u0001", "it is a file of AES Crypt"),
        ("AES\u0002", "it is a file of AES Crypt"),
        ("AES\u0003", "it is a file of AES Crypt"),
        ("\0GITCRYPT\0", "git-crypt has it locked"),
        ("version https://git-lfs", "it is a pointer of Git LFS, whose file was not fetched"),
        ("-----BEGIN CMS", "it is a message of openssl cms"),
        ("-----BEGIN PKCS7", "it is a message of openssl smime"),
        ("-----BEGIN ", "it is a PEM file"),
        ("PK\u0003\u0004", "it is a zip archive"),
        ("7z\u00bc\u00af\u0027\u001c", "it is a 7z archive"),
        ("\u001f\u008b", "it is compressed by gzip"),
    ];

    /// <summary>What a file seems to be, and what to do about it; <see langword="null"/> if that is unknown.</summary>
    public static string? Describe(byte[] start, int count)
    {
        if (count == 0)
            return "it is empty";

        if (AppleDouble.IsStart(start, count))
            return "it holds what macOS keeps of another file besides its content (AppleDouble)";

        // One character for each byte.
        var text = new string([.. start.Take(count).Select(value => (char)value)]);

        foreach (var (kind, what) in s_kinds)
        {
            if (text.StartsWith(kind, StringComparison.Ordinal))
                return what;
        }

        if (text.Contains("ENC[AES256_GCM,"))
            return "it is a file of sops";

        return text.Any(unit => NeverInBase64.Contains(unit)) && IsClear(start, count) ? "it is readable text, never encrypted" : null;
    }

    private static bool IsClear(byte[] start, int count)
    {
        // A character may be cut at the end.
        var text = Encoding.UTF8.GetString(start, 0, count).TrimEnd('\ufffd');

        return text.Trim().Length > 0 && text.All(unit => unit != '\ufffd' && (!char.IsControl(unit) || unit is '\t' or '\r' or '\n'));
    }
}
