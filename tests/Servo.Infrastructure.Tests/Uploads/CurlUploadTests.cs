using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Servo.Application.Uploads;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Uploads;

/// <summary>Uploads by the real <c>curl</c> to a real server, which answers with the archive's size and digest.</summary>
public sealed class CurlUploadTests : SpoolTest, IAsyncLifetime
{
    private static readonly byte[] _archive = RandomBytes(3_000_000);

    private WebApplication _server = null!;
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        _url = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await File.WriteAllBytesAsync(Folder.File("upload.tgz"), _archive);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        // xunit calls no Dispose where there is this.
        Dispose();
    }

    [Theory]
    [InlineData("-F tgz=@upload.tgz")]
    [InlineData("-F note=x -F tgz=@upload.tgz -F note=y")]
    [InlineData("-F tgz=@upload.tgz;type=application/gzip;filename=other")]
    [InlineData("-F tgz=text -F tgz=@upload.tgz")]
    [InlineData("-F tgz=@upload.tgz -H Transfer-Encoding:chunked")]
    [InlineData("--data-binary @upload.tgz")]
    [InlineData("--data-binary @upload.tgz -H Content-Type:application/gzip")]
    [InlineData("--data-binary @upload.tgz -H Content-Type:")]
    [InlineData("-T upload.tgz -H Transfer-Encoding:chunked")]
    [InlineData("-X POST -T upload.tgz")]
    public async Task What_curl_sends_is_spooled(string arguments) =>
        (await CurlAsync(arguments.Split(' '))).ShouldBe($"{_archive.Length} {Convert.ToHexStringLower(HMACSHA1.HashData("s3cr3t"u8, _archive))}");

    [Theory]
    [InlineData("größe €.tgz")]
    [InlineData("a \"quoted\" name.tgz")]
    [InlineData("back\\slash.tgz")]
    public async Task The_file_may_have_any_name(string name)
    {
        File.Copy(Folder.File("upload.tgz"), Folder.File(name));

        (await CurlAsync("-F", $"tgz=@\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"")).ShouldStartWith($"{_archive.Length} ");
    }

    [Theory]
    [InlineData("-F tgz=upload.tgz", "text field")]
    [InlineData("-F zip=@upload.tgz", "no file part named 'tgz'")]
    [InlineData("-F tgz=<upload.tgz", "text field")]
    [InlineData("--data-binary @upload.tgz -H Content-Type:multipart/form-data", "needs a boundary")]
    [InlineData("--data-binary @upload.tgz -H Content-Type:multipart/form-data;boundary=other", "cut short or damaged")]
    public async Task What_is_wrong_with_a_form_is_said(string arguments, string said) =>
        (await CurlAsync(arguments.Split(' '))).ShouldContain(said);

    private Task<string> CurlAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Folder.Path, "curl", ["--silent", "--show-error", "--max-time", "60", .. arguments, $"{_url}/run"]);

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var body = new UploadBody(request.Body, request.ContentType, request.ContentLength);
        var result = await NewSpool().WriteAsync(body, () => SpoolPath, HashAlgorithmName.SHA1, context.RequestAborted);
        await context.Response.WriteAsync(
            result.TryGet(out var upload, out var refusal) ? $"{upload.Bytes} {Convert.ToHexStringLower(upload.Digest)}" : refusal.Detail);
    }
}
