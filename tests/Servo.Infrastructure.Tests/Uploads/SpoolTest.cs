using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application;
using Servo.Application.Uploads;
using Servo.Domain;
using Servo.Infrastructure.Uploads;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Uploads;

/// <summary>What the tests of the spool share: a directory, a token and forms written by hand.</summary>
public abstract class SpoolTest : IDisposable
{
    protected const string Token = "s3cr3t";
    protected const string FormType = "multipart/form-data; boundary=XyZ";

    private protected TempDirectory Folder { get; } = new();

    protected string SpoolPath => Folder.File("upload");

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A part of a form with boundary <c>XyZ</c>.</summary>
    protected static byte[] Part(string disposition, byte[] content) =>
        [.. Encoding.UTF8.GetBytes($"--XyZ\r\nContent-Disposition: {disposition}\r\nContent-Type: application/octet-stream\r\n\r\n"), .. content, .. "\r\n"u8];

    protected static byte[] Form(params byte[][] parts) => [.. parts.SelectMany(part => part), .. "--XyZ--\r\n"u8];

    protected static byte[] ArchivePart(byte[] archive) => Part("form-data; name=\"tgz\"; filename=\"upload.tgz\"", archive);

    protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    internal static HmacUploadSpool NewSpool(long maxBytes = 1L << 30, string token = Token) =>
        new(Options.Create(new GatewayOptions { Token = token }), Options.Create(new UploadOptions { MaxBytes = maxBytes }));

    protected async Task<Result<SpooledUpload>> SpoolAsync(Stream body, string? contentType = FormType, long? length = null, long maxBytes = 1L << 30) =>
        await NewSpool(maxBytes).WriteAsync(
            new UploadBody(body, contentType, length), () => SpoolPath, HashAlgorithmName.SHA1, TestContext.Current.CancellationToken);

    protected Task<Result<SpooledUpload>> SpoolAsync(byte[] body, string? contentType = FormType, int pieceSize = int.MaxValue) =>
        SpoolAsync(new BodyDouble(body, pieceSize), contentType);

    protected async Task<string> MalformedAsync(byte[] body, string? contentType = FormType)
    {
        var malformed = (await SpoolAsync(body, contentType)).Refusal.ShouldBeOfType<Refusal.Malformed>();
        malformed.Detail.ShouldContain("-F tgz=@upload.tgz");
        return malformed.Detail;
    }

    protected async Task ShouldHoldAsync(Result<SpooledUpload> result, byte[] archive)
    {
        result.Refusal.ShouldBeNull();
        result.Value!.Bytes.ShouldBe(archive.Length);
        result.Value.Digest.ShouldBe(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Token), archive));
        (await File.ReadAllBytesAsync(SpoolPath)).AsSpan().SequenceEqual(archive).ShouldBeTrue();
    }
}
