namespace Servo.Simulation.Tests;

public sealed class ExecTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public async Task Runs_a_tool_of_each_pod()
    {
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("exec *web --force ping -j")).ShouldBe(
            """{"marathon.web #0":{"code":0,"stdout":["pong"]},"marathon.web #1":{"code":0,"stdout":["pong"]}}""");
        (await _cluster.DoneAsync("exec *web ping -t 5 -i 1")).ShouldBe(
            """
            <*web> -> 100% replies (1 pods total) ->

            - marathon.web #1 (exit code 0)

             pong
            """);
    }

    [Fact]
    public async Task Hands_unknown_switches_on_to_the_tool() =>
        (await _cluster.DoneAsync("exec *servo --force echo -n --verbose a -j b")).ShouldContain(""":{"code":0,"stdout":["-n --verbose a b"]}""");

    [Fact]
    public async Task Attaches_the_files_that_the_tool_line_names() =>
        (await _cluster.DoneAsync("exec *servo --force files a.txt b.txt gone -j", ("a.txt", "12345"), ("b.txt", ""), ("c.txt", "1")))
            .ShouldBe("""{"marathon.servo #0":{"code":0,"stdout":["a.txt (5 bytes)","b.txt (0 bytes)"]}}""");

    [Theory]
    [InlineData("exec nothing --force ping -j", "{}")]
    [InlineData("exec *servo --force shell id -j", "{}")]
    [InlineData("exec *servo --force shell id", "<*servo> -> 0% replies (1 pods total)")]
    [InlineData("exec nothing --force ping", "<nothing> -> 0% replies (0 pods total)")]
    [InlineData("exec *servo ping -j", "shutting down <- name the pods with -i, or all of them with --force")]
    public async Task Fails_without_an_answer(string line, string text) => (await _cluster.FailedAsync(line)).ShouldBe(text);

    [Theory]
    [InlineData("exec *servo --force -j", "error: too few arguments\n\nusage: exec ")]
    [InlineData("exec *servo -i 0 echo a", "error: argument -i: invalid int value: 'echo'\n\nusage: exec ")]
    public async Task Refuses_wrong_arguments_with_its_usage(string line, string start) => (await _cluster.FailedAsync(line)).ShouldStartWith(start);

    // What a shell would do with these must not happen anywhere.
    [Theory]
    [InlineData("$(id)")]
    [InlineData("`id`")]
    [InlineData("$HOME;id|id&&id>f")]
    [InlineData("*")]
    public async Task Takes_what_a_shell_would_interpret_literally(string word) =>
        (await _cluster.DoneAsync($"exec *servo --force echo {word} -j")).ShouldContain($"\"stdout\":[\"{word}\"]");
}
