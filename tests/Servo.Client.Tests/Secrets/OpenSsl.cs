using Servo.Testing;

namespace Servo.Client.Tests.Secrets;

/// <summary>The real <c>openssl enc</c>; the password is in a file, never on a command line.</summary>
internal sealed class OpenSsl(TempDirectory directory)
{
    public const string Token = "s3cr3t tökén";

    public static readonly ServoCredential Credential = new(Token);

    private readonly string _password = directory.Write(".password", Token + "\n");

    public async Task<byte[]> EncryptAsync(byte[] clear, string options)
    {
        await File.WriteAllBytesAsync(directory.File("from"), clear);
        await RunAsync(options);

        return await File.ReadAllBytesAsync(directory.File("to"));
    }

    public async Task<byte[]> DecryptAsync(byte[] encrypted, string options)
    {
        await File.WriteAllBytesAsync(directory.File("from"), encrypted);
        await RunAsync("-d " + options);

        return await File.ReadAllBytesAsync(directory.File("to"));
    }

    private Task<string> RunAsync(string options) => ChildProcess.RunAsync(
        directory.Path, "openssl", ["enc", "-aes-256-cbc", "-pass", $"file:{_password}", "-in", "from", "-out", "to", .. options.Split(' ')]);
}
