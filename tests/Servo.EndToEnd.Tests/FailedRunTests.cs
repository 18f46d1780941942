using System.Text;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>Runs that began and failed: status 200 in JSON, with the reason.</summary>
public sealed class FailedRunTests(HttpContract.SmallHost small) : HttpContract(small)
{
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
        Folder.Write("conf/secret.yml.aes", "U2FsdGVkX18BAgMEBQYHCBwF/mLAe0T6M3ZPURVBFOk=\n");
        var answer = await PostAsync("a.py", request => Sign(request), await PackAsync());

        answer.FailureKind.ShouldBe("undecryptable-secret");
        answer.Log[^1].ShouldContain("conf/secret.yml.aes");
        answer.Body.ShouldNotContain(Gateway.Token);
    }

    [Fact]
    public async Task Ends_a_run_at_its_time_limit()
    {
        var answer = await PostAsync("forever.py", request => Sign(request));

        answer.FailureKind.ShouldBe("timed-out");
        answer.LogAfterVariables[0].ShouldBe("hanging");
        answer.LogAfterVariables[1].ShouldMatch("^forever.py ran in [4-9] seconds$");
    }
}
