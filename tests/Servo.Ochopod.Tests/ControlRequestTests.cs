using System.Text.Json;

namespace Servo.Ochopod.Tests;

/// <summary>Requests to the control endpoint that change nothing, whatever they ask for; so one pod takes them all.</summary>
public sealed class ControlRequestTests(SinglePod cluster) : IClassFixture<SinglePod>
{
    [Theory]
    [InlineData("run", "run: error: too few arguments")]
    [InlineData("run x.tgz", "run: error: too few arguments")]
    [InlineData("run -v a:b x.tgz a.py", "run: error: argument -v/--variables: expected NAME:VALUE, not 'x.tgz'")]
    [InlineData("run -v a:b -- x.tgz", "run: error: too few arguments")]
    [InlineData("run -v a:b -- missing.tgz a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run x.tgz a.py -v novalue", "run: error: argument -v/--variables: expected NAME:VALUE, not 'novalue'")]
    [InlineData("run x.tgz a.py -v LD_PRELOAD:x", "run: error: The variable name 'LD_PRELOAD' is reserved")]
    [InlineData("run x.tgz a.py -v", "run: error: argument -v/--variables: expected at least one argument")]
    [InlineData("run x.tgz a.py --var -- b.py", "run: error: argument -v/--variables: expected at least one argument")]
    [InlineData("run x.tgz a.py -x", "run: error: unrecognized arguments: -x")]
    [InlineData("run x.tgz a.py --vars a:1", "run: error: unrecognized arguments: --vars")]
    [InlineData("run x.tgz a.py --=x", "run: error: ambiguous option: --=x could match --help, --variables")]
    [InlineData("run x.tgz a.py --help=x", "run: error: argument -h/--help: ignored explicit argument 'x'")]
    [InlineData("run x.tgz a.py --variables=", "run: error: argument -v/--variables: expected NAME:VALUE, not ''")]
    [InlineData("run --help", "usage: run ")]
    [InlineData("run --he", "usage: run ")]
    [InlineData("run missing.tgz a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run /etc/passwd a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run ./missing.tgz a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run ./ a.py", "unexpected failure -> failed to sign the archive")]
    [InlineData("run ../../spool/x a.py", "unexpected failure -> failed to sign the archive")]
    public async Task Bad_arguments_answer_with_a_line(string line, string expected)
    {
        var (status, body) = await cluster.Pod.PostAsync("exec", ("X-Shell", line));

        status.ShouldBe(200);
        var answer = JsonDocument.Parse(body).RootElement;
        answer.GetProperty("code").GetInt32().ShouldBe(1);
        SinglePod.Lines(answer).Single().ShouldStartWith(expected);
    }

    [Theory]
    [InlineData("nosuchtool x", 404)]
    [InlineData("", 404)]
    [InlineData("RUN x", 404)]
    [InlineData("$(touch /tmp/x)", 404)]
    [InlineData("run;id", 404)]
    [InlineData("shell id", 404)]
    public async Task A_hostile_or_unknown_line_runs_nothing(string line, int expected)
    {
        var (status, body) = await cluster.Pod.PostAsync("exec", ("X-Shell", line));

        status.ShouldBe(expected);
        body.ShouldBe("{}");
    }

    [Theory]
    [InlineData("check", "nonsense", 406)]
    [InlineData("check", """{"dependencies": {"portal": {}}}""", 406)]
    [InlineData("on", "nonsense", 200)]
    [InlineData("on", "[]", 200)]
    [InlineData("ok", "nonsense", 500)]
    [InlineData("ok", "{}", 500)]
    [InlineData("ok", """{"key": "x"}""", 200)]
    public async Task A_payload_that_is_no_object_counts_as_none(string task, string payload, int expected)
    {
        using var http = new HttpClient();
        using var body = new StringContent(payload);
        body.Headers.ContentType = null;

        var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{cluster.Pod.ControlPort}/control/{task}"), body, TestContext.Current.CancellationToken);

        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe((expected, "{}"));
    }

    [Fact]
    public async Task What_is_no_request_of_a_pod_answers_with_an_empty_object()
    {
        (await cluster.Pod.PostAsync("exec")).ShouldBe((500, "{}"));
        (await cluster.Pod.PostAsync("nothing")).ShouldBe((404, "{}"));
        (await cluster.Pod.PostAsync("run/a.py")).ShouldBe((404, "{}"));
        (await cluster.Pod.PostAsync("control/dance")).ShouldBe((400, "{}"));
        (await cluster.Pod.PostAsync("control/on/soon")).ShouldBe((400, "{}"));
        (await cluster.Pod.PostAsync("control/check")).ShouldBe((406, "{}"));
        (await cluster.Pod.PostAsync("control/ok")).ShouldBe((500, "{}"));
        (await cluster.Pod.PostAsync("control/signal")).ShouldBe((200, "{}"));

        using var http = new HttpClient();
        var get = await http.GetAsync(new Uri($"http://127.0.0.1:{cluster.Pod.ControlPort}/info"), TestContext.Current.CancellationToken);
        ((int)get.StatusCode, await get.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe((405, "{}"));
    }
}
