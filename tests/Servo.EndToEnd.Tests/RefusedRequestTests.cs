using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>What starts no run: each refusal is a problem document, and nothing is left of it.</summary>
public sealed class RefusedRequestTests(HttpContract.SmallHost small) : HttpContract(small)
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha1=")]
    [InlineData("0123456789012345678901234567890123456789")]
    [InlineData("md5=00000000000000000000000000000000")]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Refuses_an_absent_or_wrong_signature_and_never_shows_the_right_one(string? signature)
    {
        var answer = await PostAsync("a.py", request =>
        {
            if (signature is not null)
                request.Headers.TryAddWithoutValidation("X-Signature", signature);
        });

        ShouldBeProblem(answer, 403);
        foreach (var algorithm in new[] { "sha1", "sha256", "sha512" })
            (answer.Body + Host.Log).ShouldNotContain(Hex(algorithm, Archive), Case.Insensitive);
    }

    [Fact]
    public async Task Refuses_an_unsigned_upload_before_it_reads_the_body()
    {
        using var socket = new TcpClient();
        var uri = new Uri(Host.Url);
        await socket.ConnectAsync(uri.Host, uri.Port);
        await using var stream = socket.GetStream();

        // The announced body never comes.
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /run/a.py HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"));
        var buffer = new byte[64];
        await stream.ReadAtLeastAsync(buffer, 12).AsTask().WaitAsync(TimeSpan.FromSeconds(3));

        Encoding.ASCII.GetString(buffer).ShouldStartWith("HTTP/1.1 403");
    }

    [Theory]
    [InlineData("+")]
    [InlineData("a.py+")]
    [InlineData("%2B")]
    [InlineData("a.py++a.py")]
    [InlineData("%20")]
    public async Task Refuses_an_empty_script_name(string scripts) => ShouldBeProblem(await PostAsync(scripts, request => Sign(request)), 400);

    [Theory]
    [InlineData("X-Var-Path")]
    [InlineData("X-Var-LD_PRELOAD")]
    [InlineData("X-Var-PythonPath")]
    [InlineData("X-Var-Bash-Env")]
    [InlineData("X-Var-Callback")]
    [InlineData("X-Var-Servo-Run-Token")]
    [InlineData("X-Var-1st")]
    [InlineData("X-Var-a!b")]
    [InlineData("X-Var-")]
    public async Task Refuses_a_bad_variable_name(string header)
    {
        var answer = await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Headers.TryAddWithoutValidation(header, "x");
        });

        ShouldBeProblem(answer, 400);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refuses_an_upload_past_the_limit(bool chunked)
    {
        var large = RandomNumberGenerator.GetBytes((int)MaxBytes + 1);
        var answer = await PostAsync("a.py", request =>
        {
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;
            Sign(request);
        }, large);

        ShouldBeProblem(answer, 413);
    }

    [Fact]
    public async Task Refuses_a_form_without_the_archive_part()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Archive), "tar", "upload.tgz" } };
        ShouldBeProblem(await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Content = form;
        }), 400);
    }

    [Fact]
    public async Task Other_methods_and_paths_are_405_and_404()
    {
        (await Http.GetAsync($"{Host.Url}/run/a.py")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await Http.PostAsync($"{Host.Url}/run/", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Http.PostAsync($"{Host.Url}/run/a/b", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Http.PostAsync($"{Host.Url}/shell", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Http.GetAsync($"{Host.Url}/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Http.GetAsync($"{Host.Url}/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_in_mid_upload_leaves_nothing()
    {
        var uri = new Uri(Host.Url);

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(uri.Host, uri.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /run/a.py HTTP/1.1\r\nHost: x\r\nX-Signature: sha1={Hex("sha1", Archive)}\r\nContent-Length: 500000\r\n\r\n" + new string('x', 300_000)));
            await Eventually.HoldsAsync(() => Host.Workspaces.Length == 1, Host.RuntimeDirectory);
        }

        await Eventually.HoldsAsync(() => Host.Workspaces.Length == 0, Host.RuntimeDirectory);
        (await PostAsync("a.py", request => Sign(request))).Ok.ShouldBeTrue();
    }
}
