using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Secrets;
using Servo.OpenSsl;

namespace Servo.Infrastructure.Secrets;

/// <summary>Opens what <c>openssl enc -aes-256-cbc</c> of any version wrote, within this process and in constant memory.</summary>
internal sealed class OpenSslDecryptor(IOptions<GatewayOptions> options) : ISecretDecryptor
{
    private readonly byte[] _password = Encoding.UTF8.GetBytes(options.Value.Token);

    public async Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            using var text = await OpenSslSecret.OpenAsync(file, _password, cancellationToken);
            await ReplaceAsync(path, clearPath, text, cancellationToken);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static async Task ReplaceAsync(string path, string clearPath, ClearText text, CancellationToken cancellationToken)
    {
        // Its name is independent of the clear file's, which may already be as long as a name can be.
        var unfinished = Path.Join(Path.GetDirectoryName(clearPath), $".servo-{Guid.NewGuid():N}");
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path) & UnixFileMode.UserExecute;

        try
        {
            await using (var file = PrivateFile.Create(unfinished, mode))
            {
                await foreach (var piece in text.ReadAsync(cancellationToken))
                    await file.WriteAsync(piece, cancellationToken);
            }

            File.Move(unfinished, clearPath, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        File.Delete(path);
    }
}
