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

    public string Extension => ".aes";

    public string? WhyNone => null;

    public async Task<string?> DecryptAsync(string path, string clearPath, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            using var text = await OpenSslSecret.OpenAsync(file, _password, cancellationToken);
            await ClearFile.ReplaceAsync(path, clearPath, WriteAsync);
            return null;

            async Task WriteAsync(Stream clear)
            {
                await foreach (var piece in text.ReadAsync(cancellationToken))
                    await clear.WriteAsync(piece, cancellationToken);
            }
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
