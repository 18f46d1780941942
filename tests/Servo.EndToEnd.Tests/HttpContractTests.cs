using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Every row of the HTTP table, and that the host goes on serving with no workspace left behind.</summary>
public sealed class HttpContractTests : IAsyncLifetime
{
    private const long MaxBytes = 1_000_000;

    private readonly HttpClient _http = new();
    private readonly TempDirectory _folder = new();
    private Gateway _gateway = null!;
    private byte[] _archive = [];

    public async ValueTask InitializeAsync()
    {
        _gateway = await Gateway.StartAsync(
            ("Servo__Uploads__MaxBytes", MaxBytes.ToString(CultureInfo.InvariantCulture)),
            ("Servo__Scripts__Timeout", "00:00:05"),
            ("Servo__Output__MaxBytes", "1000"));
        _folder.Write("a.py", "import os\nprint('ran a')\nfor name in sorted(os.environ): print(name + '=' + os.environ[name])\n");
        _folder.Write("sub/b c.py", "print('ran b')");
        _folder.Write("forever.py", "import time\nprint('hanging', flush=True)\ntime.sleep(60)\n");
        _folder.Write("chatty.py", "for i in range(1000): print('0123456789')\nprint('the end')\n");
        _folder.Write("-c", "print('ran the hyphen')");
        _folder.Write("crlf;$(touch x).py", "print('ran the odd one')");
        _archive = await PackAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _folder.Dispose();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData("sha1", false)]
    [InlineData("sha256", true)]
    [InlineData("sha512", false)]
    public async Task Accepts_every_hash_in_either_case_with_a_raw_body(string algorithm, bool upperCase)
    {
        var answer = await PostAsync("a.py", request => Sign(request, algorithm, upperCase));

        answer.Status.ShouldBe(200);
        answer.Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task Accepts_a_chunked_body()
    {
        var answer = await PostAsync("a.py", request =>
        {
            request.Headers.TransferEncodingChunked = true;
            Sign(request);
        });

        answer.Ok.ShouldBeTrue(answer.Body);
    }

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
            (answer.Body + _gateway.Log).ShouldNotContain(Hex(algorithm, _archive), Case.Insensitive);
    }

    [Fact]
    public async Task Refuses_an_unsigned_upload_before_it_reads_the_body()
    {
        using var socket = new TcpClient();
        var uri = new Uri(_gateway.Url);
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

    [Fact]
    public async Task Hands_variables_over_and_logs_them_in_order()
    {
        var answer = await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Headers.TryAddWithoutValidation("x-var-under_score", "  two  words ");
            request.Headers.TryAddWithoutValidation("X-Var-dotted.name-x", "");
        });

        answer.Log[0].ShouldStartWith($"$CALLBACK = {_gateway.Url}/callback/");
        answer.Log[1..3].ShouldBe(["$DOTTED_NAME_X = ", "$UNDER_SCORE = two  words"]);
        answer.Log.ShouldContain("UNDER_SCORE=two  words");
        answer.Log.ShouldContain("DOTTED_NAME_X=");
        answer.Log.Where(line => line.Contains('=')).Select(line => line.Split('=')[0]).Where(name => !name.StartsWith('$')).ShouldBe(
            ["CALLBACK", "DOTTED_NAME_X", "HOME", "LANG", "PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "SERVO_PORTAL_SOCKET", "SERVO_RUN_TOKEN", "UNDER_SCORE"]);
        answer.Body.ShouldNotContain(Gateway.Token);
        _gateway.Log.ShouldNotContain("two  words");
    }

    [Theory]
    [InlineData("sub%2Fb%20c.py", "ran b")]
    [InlineData("a.py%2Bsub%2Fb%20c.py", "ran b")]
    [InlineData("crlf%3B%24%28touch%20x%29.py", "ran the odd one")]
    [InlineData("-c", "ran the hyphen")]
    [InlineData("a.py?ignored=1", "ran a")]
    public async Task Runs_scripts_in_folders_and_with_odd_names(string scripts, string line)
    {
        var answer = await PostAsync(scripts, request => Sign(request));

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Log.ShouldContain(line);
    }

    [Theory]
    [InlineData("missing.py", "missing.py")]
    [InlineData("sub", "sub")]
    [InlineData("..%2F..%2Fetc%2Fpasswd", "../../etc/passwd")]
    [InlineData("%2Fetc%2Fpasswd", "/etc/passwd")]
    [InlineData("a.py%2F", "a.py/")]
    public async Task Fails_the_run_of_a_script_that_is_no_file_of_the_bundle(string scripts, string named)
    {
        var answer = await PostAsync(scripts, request => Sign(request));

        answer.Status.ShouldBe(200);
        answer.Ok.ShouldBeFalse();
        answer.FailureKind.ShouldBe("missing-script");
        answer.Log[^1].ShouldBe($"failure (unable to find {named} (check your scripts))");
    }

    [Theory]
    [InlineData("not an archive at all")]
    [InlineData("")]
    public async Task Fails_the_run_of_something_that_is_no_archive(string bytes)
    {
        var answer = await PostAsync("a.py", request => Sign(request), Encoding.ASCII.GetBytes(bytes));

        answer.Status.ShouldBe(200);
        answer.FailureKind.ShouldBe("bad-archive");
        answer.Log[^1].ShouldStartWith("failure (unable to open the archive");

        (await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Headers.Remove("Accept");
        }, Encoding.ASCII.GetBytes(bytes))).Status.ShouldBe(412);
    }

    [Fact]
    public async Task Fails_the_run_of_an_undecryptable_secret_and_names_it()
    {
        _folder.Write("conf/secret.yml.aes", "U2FsdGVkX18BAgMEBQYHCBwF/mLAe0T6M3ZPURVBFOk=\n");
        var answer = await PostAsync("a.py", request => Sign(request), await PackAsync());

        answer.FailureKind.ShouldBe("undecryptable-secret");
        answer.Log[^1].ShouldContain("conf/secret.yml.aes");
        answer.Body.ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task Decrypts_a_secret_that_openssl_made()
    {
        var clear = _folder.Write("clear.txt", "the password is swordfish\n");
        await Shell.RunAsync(_folder.Path, "sh", "-c", $"TOKEN='{Gateway.Token}' openssl enc -aes-256-cbc -base64 -pass env:TOKEN -in clear.txt -out secret.txt.aes 2>/dev/null");
        File.Delete(clear);
        _folder.Write("read.py", "import os\nprint(open('secret.txt').read().strip(), os.path.exists('secret.txt.aes'))\n");

        var answer = await PostAsync("read.py", request => Sign(request), await PackAsync());

        answer.LogAfterVariables.ShouldBe(["decrypted secret.txt.aes", "the password is swordfish False", "read.py ran in 0 seconds"]);
    }

    [Fact]
    public async Task Ends_a_run_at_its_time_limit()
    {
        var answer = await PostAsync("forever.py", request => Sign(request));

        answer.FailureKind.ShouldBe("timed-out");
        answer.LogAfterVariables[0].ShouldBe("hanging");
        answer.LogAfterVariables[1].ShouldBeOneOf("forever.py ran in 4 seconds", "forever.py ran in 5 seconds");
    }

    [Fact]
    public async Task Keeps_no_more_output_than_the_limit_and_says_so()
    {
        var answer = await PostAsync("chatty.py", request => Sign(request));

        answer.Ok.ShouldBeTrue();
        // 90 lines of eleven bytes, and the beginning of the next where it came by itself.
        answer.LogAfterVariables.Length.ShouldBeInRange(92, 93);
        answer.LogAfterVariables[^2].ShouldBe("output past 1000 bytes is not kept (Servo:Output:MaxBytes)");
        answer.LogAfterVariables[^1].ShouldBe("chatty.py ran in 0 seconds");
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
        using var form = new MultipartFormDataContent { { new ByteArrayContent(_archive), "tar", "upload.tgz" } };
        ShouldBeProblem(await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Content = form;
        }), 400);
    }

    [Theory]
    [InlineData(null, "text/plain")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("text/plain, */*;q=0.1", "application/json")]
    [InlineData("text/plain", "text/plain")]
    [InlineData("application/json;q=0", "text/plain")]
    [InlineData("*/*;q=0", "text/plain")]
    [InlineData("APPLICATION/JSON", "application/json")]
    [InlineData("not a media type", "text/plain")]
    public async Task Answers_in_the_form_that_the_caller_accepts(string? accept, string type)
    {
        var answer = await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Headers.Remove("Accept");
            if (accept is not null)
                request.Headers.TryAddWithoutValidation("Accept", accept);
        });

        answer.ContentType.ShouldBe($"{type}; charset=utf-8");
        answer.Status.ShouldBe(200);
    }

    [Fact]
    public async Task Other_methods_and_paths_are_405_and_404()
    {
        (await _http.GetAsync($"{_gateway.Url}/run/a.py")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await _http.PostAsync($"{_gateway.Url}/run/", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.PostAsync($"{_gateway.Url}/run/a/b", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.PostAsync($"{_gateway.Url}/shell", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync($"{_gateway.Url}/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _http.GetAsync($"{_gateway.Url}/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_in_mid_upload_leaves_nothing()
    {
        var uri = new Uri(_gateway.Url);

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(uri.Host, uri.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /run/a.py HTTP/1.1\r\nHost: x\r\nX-Signature: sha1={Hex("sha1", _archive)}\r\nContent-Length: 500000\r\n\r\n" + new string('x', 100_000)));
            await Eventually.HoldsAsync(() => _gateway.Workspaces.Length == 1, _gateway.RuntimeDirectory);
        }

        await Eventually.HoldsAsync(() => _gateway.Workspaces.Length == 0, _gateway.RuntimeDirectory);
        (await PostAsync("a.py", request => Sign(request))).Ok.ShouldBeTrue();
    }

    private async Task<Answer> PostAsync(string scripts, Action<HttpRequestMessage> prepare, byte[]? archive = null)
    {
        _archive = archive ?? _archive;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_gateway.Url}/run/{scripts}") { Content = new ByteArrayContent(_archive) };
        request.Headers.Add("Accept", "*/*");
        prepare(request);

        using var response = await _http.SendAsync(request);
        var answer = new Answer(await response.Content.ReadAsStringAsync(), (int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "");
        _gateway.Workspaces.ShouldBeEmpty();
        return answer;
    }

    private void Sign(HttpRequestMessage request, string algorithm = "sha1", bool upperCase = false)
    {
        var hex = Hex(algorithm, _archive);
        request.Headers.Add("X-Signature", $"{algorithm}={(upperCase ? hex : hex.ToLowerInvariant())}");
    }

    private async Task<byte[]> PackAsync()
    {
        using var outbox = new TempDirectory();
        await Shell.RunAsync(_folder.Path, "tar", "zcf", outbox.File("x.tgz"), ".");
        return await File.ReadAllBytesAsync(outbox.File("x.tgz"));
    }

    private static string Hex(string algorithm, byte[] bytes)
    {
        var key = Encoding.UTF8.GetBytes(Gateway.Token);
        return Convert.ToHexString(algorithm switch { "sha1" => HMACSHA1.HashData(key, bytes), "sha256" => HMACSHA256.HashData(key, bytes), _ => HMACSHA512.HashData(key, bytes) });
    }

    private static void ShouldBeProblem(Answer answer, int status)
    {
        answer.Status.ShouldBe(status, answer.Body);
        answer.ContentType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(answer.Body).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("detail").GetString()!.Length.ShouldBeGreaterThan(20);
    }
}
