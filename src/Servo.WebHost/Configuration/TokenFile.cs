using System.Text;
using Servo.Domain;

namespace Servo.WebHost.Configuration;

/// <summary>Reads a token from a file, such as a mounted secret.</summary>
internal static class TokenFile
{
    private const int MaxBytes = 4096;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>
    /// Returns the token, or says in <paramref name="problem"/> why there is none; either way what is wrong with the file's mode is in
    /// <paramref name="warning"/>.
    /// </summary>
    public static string? Read(string path, out string? problem, out string? warning)
    {
        (problem, warning) = (null, null);

        if (Directory.Exists(path))
        {
            problem = $"'{path}' is a directory";
            return null;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);

            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
                warning = $"'{path}' can be read or written by every user of this machine; chmod 600 closes it";

            var bytes = new byte[MaxBytes + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var token = TokenText.Trim(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(0, count)));

            problem = count > MaxBytes ? $"'{path}' holds no token: it is larger than {MaxBytes} bytes"
                : TokenText.Problem(token) is { } why ? $"the token in '{path}' {why}"
                : null;
            return problem is null ? token : null;
        }
        catch (DecoderFallbackException)
        {
            problem = $"'{path}' holds no token: it is not UTF-8 text";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problem = $"'{path}' cannot be read: {e.Message.TrimEnd('.')}";
        }

        return null;
    }
}
