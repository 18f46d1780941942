using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Uploads;
using Servo.Domain;

namespace Servo.Infrastructure.Uploads;

/// <summary>Spools an upload to a file of mode 0600 in constant memory, keying its HMAC with the servo token.</summary>
internal sealed class HmacUploadSpool(IOptions<GatewayOptions> gateway, IOptions<UploadOptions> uploads) : IUploadSpool
{
    private readonly long _maxBytes = uploads.Value.MaxBytes;

    // Anyone can sign with an empty key.
    private readonly byte[] _key = gateway.Value.Token is { Length: > 0 } token
        ? Encoding.UTF8.GetBytes(token)
        : throw new InvalidOperationException($"{GatewayOptions.TokenKey} is empty, so no signature can be checked. Set it.");

    public async Task<Result<SpooledUpload>> WriteAsync(UploadBody body, Func<string> newFile, HashAlgorithmName algorithm, CancellationToken cancellationToken)
    {
        var isForm = UploadForm.IsForm(body.ContentType);

        if (body.Length - (isForm ? UploadForm.MaxOtherBytes : 0) > _maxBytes)
            return new Refusal.UploadTooLarge(_maxBytes, UploadOptions.MaxBytesKey);

        try
        {
#pragma warning disable CA2022 // Nothing is to be read yet: this waits, so that a body that does not come takes no buffers.
            await body.Content.ReadAsync(Memory<byte>.Empty, cancellationToken);
#pragma warning restore CA2022

            using var hmac = IncrementalHash.CreateHMAC(algorithm, _key);
            var spooled = isForm
                ? await WriteFormAsync(body, newFile, hmac, cancellationToken)
                : await HmacFile.WriteAsync(body.Content.ReadAsync, newFile, hmac, _maxBytes, cancellationToken);

            return spooled is null ? new Refusal.UploadTooLarge(_maxBytes, UploadOptions.MaxBytesKey) : spooled;
        }
        catch (FormatException e)
        {
            return new Refusal.Malformed(e.Message);
        }
    }

    private async Task<SpooledUpload?> WriteFormAsync(UploadBody body, Func<string> newFile, IncrementalHash hmac, CancellationToken cancellationToken)
    {
        await using var content = new BodyStream(body.Content);
        var form = new UploadForm(content, body.ContentType, body.Length);
        await form.FindArchiveAsync(cancellationToken);
        var spooled = await HmacFile.WriteAsync(form.ReadArchiveAsync, newFile, hmac, _maxBytes, cancellationToken);

        if (spooled is not null)
            await form.FinishAsync(cancellationToken);

        return spooled;
    }
}
