using System.Net;
using System.Text;
using Servo.Infrastructure.Portal;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Portal;

/// <summary>The stand-in for a portal behaves as a real one does at the wire, tried with the real curl.</summary>
public sealed class PortalServerTests
{
    [Fact]
    public async Task Answers_the_documented_default()
    {
        await using var server = await PortalServer.StartAsync();

        (await CurlAsync("-X", "POST", "-H", "X-Shell: ls -j", $"{server.Url}shell")).ShouldBe(
            "{\"ok\": true, \"ms\": 1.0, \"out\": \"{}\"} 200 application/json; charset=utf-8");
    }

    [Fact]
    public async Task Wants_a_line_first_and_then_a_signature_that_fits_it()
    {
        await using var server = await PortalServer.StartAsync("s3cr3t");

        (await CurlAsync("-X", "POST", $"{server.Url}shell")).ShouldStartWith(
            "{\"ok\": false, \"ms\": 1.0, \"out\": \"failure -\\u003E X-Shell header missing\"} 200");
        (await CurlAsync("-X", "POST", "-H", "X-Shell: ls", $"{server.Url}shell")).ShouldContain("signature missing (make sure you define $OCHOPOD_TOKEN)");
        (await CurlAsync("-X", "POST", "-H", "X-Shell: ls", "-H", "X-Signature: sha1=00", $"{server.Url}shell")).ShouldContain(
            "SHA1 signature mismatch (check your token)");
        (await CurlAsync("-X", "POST", "-H", "X-Shell:  ls  -j ", "-H", $"X-Signature: {PortalSigningHandler.Sign("s3cr3t", "ls  -j")}", $"{server.Url}shell")).ShouldContain("\"ok\": true");
        server.Requests.Select(request => request.Line).ShouldBe(["", "ls", "ls", "ls  -j"]);
    }

    [Fact]
    public async Task Names_files_by_their_part_and_ignores_fields_and_chunked_bodies()
    {
        using var directory = new TempDirectory();
        var path = directory.Write("web.yml", "größe: 1\n");
        await using var server = await PortalServer.StartAsync();

        await CurlAsync("-H", "X-Shell: deploy a", "-F", $"a=@{path};filename=b", "-F", "field=1", $"{server.Url}shell");
        await CurlAsync("-H", "X-Shell: deploy a", "-H", "Transfer-Encoding: chunked", "-F", $"a=@{path}", $"{server.Url}shell");

        var file = server.Requests[0].Files.ShouldHaveSingleItem();
        (file.Name, file.FileName, file.Text).ShouldBe(("a", "b", "größe: 1\n"));
        file.Bytes.ShouldBe(Encoding.UTF8.GetBytes("größe: 1\n"));
        server.Requests[1].Files.ShouldBeEmpty();
        server.Requests[1].BodyLength.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("GET", "shell", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "", HttpStatusCode.NotFound)]
    [InlineData("POST", "shell/x", HttpStatusCode.NotFound)]
    public async Task Has_pages_for_other_methods_and_paths(string method, string path, HttpStatusCode status)
    {
        await using var server = await PortalServer.StartAsync();

        (await CurlAsync("-X", method, $"{server.Url}{path}")).ShouldEndWith($" {(int)status} text/html");
        server.Requests.ShouldBeEmpty();
    }

    private static Task<string> CurlAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Path.GetTempPath(), "curl", ["-sS", "-w", " %{http_code} %{content_type}", .. arguments]);
}
