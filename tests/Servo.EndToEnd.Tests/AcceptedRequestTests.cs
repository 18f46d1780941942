using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>What a request may hold, and the forms of its answer.</summary>
public sealed class AcceptedRequestTests(HttpContract.SmallHost small) : HttpContract(small)
{
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

    [Fact]
    public async Task Hands_variables_over_and_logs_them_in_order()
    {
        var answer = await PostAsync("a.py", request =>
        {
            Sign(request);
            request.Headers.TryAddWithoutValidation("x-var-under_score", "  two  words ");
            request.Headers.TryAddWithoutValidation("X-Var-dotted.name-x", "");
        });

        answer.Log[0].ShouldStartWith($"$CALLBACK = {Host.Url}/callback/");
        answer.Log[1..3].ShouldBe(["$DOTTED_NAME_X = ", "$UNDER_SCORE = two  words"]);
        answer.Log.ShouldContain("UNDER_SCORE=two  words");
        answer.Log.ShouldContain("DOTTED_NAME_X=");
        answer.Log.Where(line => line.Contains('=')).Select(line => line.Split('=')[0]).Where(name => !name.StartsWith('$')).ShouldBe(
            ["CALLBACK", "DOTTED_NAME_X", "HOME", "LANG", "PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "SERVO_PORTAL_SOCKET", "SERVO_RUN_TOKEN", "TMPDIR", "UNDER_SCORE"]);
        answer.Body.ShouldNotContain(Gateway.Token);
        Host.Log.ShouldNotContain("two  words");
    }

    [Theory]
    [InlineData("sub%2Fb%20c.py", "ran b")]
    [InlineData("a.py%2Bsub%2Fb%20c.py", "ran b")]
    [InlineData("crlf%3B%24%28touch%20x%29.py", "ran the odd one")]
    [InlineData("-c", "ran the hyphen")]
    [InlineData("app", "ran the folder of app")]
    [InlineData("app%2F", "ran the folder of app")]
    [InlineData("a.py+app", "ran the folder of app")]
    [InlineData("a.py?ignored=1", "ran a")]
    public async Task Runs_scripts_in_folders_and_with_odd_names(string scripts, string line)
    {
        var answer = await PostAsync(scripts, request => Sign(request));

        answer.Ok.ShouldBeTrue(answer.Body);
        answer.Log.ShouldContain(line);
    }

    [Fact]
    public async Task Decrypts_a_secret_that_openssl_made()
    {
        var clear = Folder.Write("clear.txt", "the password is swordfish\n");
        await ChildProcess.RunAsync(
            Folder.Path, "sh", "-c",
            $"TOKEN='{Gateway.Token}' openssl enc -aes-256-cbc -base64 -pass env:TOKEN -in clear.txt -out secret.txt.aes 2>/dev/null");
        File.Delete(clear);
        Folder.Write("read.py", "import os\nprint(open('secret.txt').read().strip(), os.path.exists('secret.txt.aes'))\n");

        var answer = await PostAsync("read.py", request => Sign(request), await PackAsync());

        answer.LogAfterVariables.WithoutSeconds().ShouldBe(["decrypted secret.txt.aes", "the password is swordfish False", "read.py ran in N seconds"]);
    }

    [Fact]
    public async Task Keeps_no_more_output_than_the_limit_and_says_so()
    {
        var answer = await PostAsync("chatty.py", request => Sign(request));

        answer.Ok.ShouldBeTrue();
        // 90 lines of eleven bytes, and the beginning of the next where it came by itself.
        answer.LogAfterVariables.Length.ShouldBeInRange(92, 93);
        answer.LogAfterVariables[^2].ShouldBe("output past 1000 bytes is not kept (Servo:Output:MaxBytes)");
        answer.LogAfterVariables[^1].WithoutSeconds().ShouldBe("chatty.py ran in N seconds");
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
}
