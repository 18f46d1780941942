using System.Security.Cryptography;
using System.Text;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Secrets;

/// <summary>Makes secrets with the real <c>openssl</c>; the password is in a file, never on a command line.</summary>
internal sealed class OpenSsl(TempDirectory directory, string password)
{
    public const string Password = "s3cr3t";

    /// <summary>Salt of the vectors and of every secret whose bytes must be the same each time.</summary>
    public const string Salt = "0102030405060708";

    public static readonly string[] Sha256 = ["-md", "sha256"];
    public static readonly string[] Md5 = ["-md", "md5"];
    public static readonly string[] Pbkdf2 = ["-pbkdf2"];

    private readonly string _password = directory.Write(".password", password + "\n");

    /// <summary>Encrypts into a new file, salted at random; <paramref name="options"/> are openssl's.</summary>
    public async Task<string> EncryptAsync(string name, byte[] clear, params string[] options)
    {
        var from = directory.File($"{name}.clear");
        var to = directory.File($"{name}.aes");
        await File.WriteAllBytesAsync(from, clear);
        await ChildProcess.RunAsync(directory.Path, "openssl", ["enc", "-aes-256-cbc", "-pass", $"file:{_password}", "-in", from, "-out", to, .. options]);
        File.Delete(from);
        return to;
    }

    /// <summary>
    /// Encrypts with openssl's own key under <see cref="Salt"/>: equal input
    /// gives equal bytes, so no key that is wrong opens it by chance tomorrow.
    /// </summary>
    public async Task<byte[]> EncryptWithFixedSaltAsync(byte[] clear, params string[] derivation)
    {
        using var key = await KeyAsync(derivation);
        return key.Encrypt(clear);
    }

    /// <summary>Asks openssl which key it derives under <see cref="Salt"/>.</summary>
    public async Task<OpenSslKey> KeyAsync(params string[] derivation)
    {
        string[] arguments = ["enc", "-aes-256-cbc", "-P", "-S", Salt, "-pass", $"file:{_password}", .. derivation];
        var printed = (await ChildProcess.RunAsync(directory.Path, "openssl", arguments)).Split('\n');

        return new OpenSslKey(Value("key"), Value("iv"));

        byte[] Value(string name) => Convert.FromHexString(printed.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split('=')[1].Trim());
    }
}

/// <summary>A key that openssl derived.</summary>
internal sealed class OpenSslKey(byte[] key, byte[] iv) : IDisposable
{
    private readonly Aes _aes = NewAes(key);

    /// <summary>A whole file, raw.</summary>
    public byte[] Encrypt(byte[] clear) =>
        [.. Encoding.ASCII.GetBytes("Salted__"), .. Convert.FromHexString(OpenSsl.Salt), .. _aes.EncryptCbc(clear, iv)];

    /// <summary>The clear bytes of a whole file, or <see langword="null"/> where the padding is wrong.</summary>
    public byte[]? TryDecrypt(byte[] file)
    {
        try
        {
            return _aes.DecryptCbc(file.AsSpan(16), iv);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void Dispose() => _aes.Dispose();

    private static Aes NewAes(byte[] key)
    {
        var aes = Aes.Create();
        aes.Key = key;
        return aes;
    }
}
