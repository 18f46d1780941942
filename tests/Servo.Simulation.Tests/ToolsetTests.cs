using System.Text;
using Servo.Testing;

namespace Servo.Simulation.Tests;

public sealed class ToolsetTests
{
    private const string Commands = "bump, deploy, exec, grep, kill, log, ls, off, on, poll, port, reset, scale";

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData("help")]
    [InlineData("help -j")]
    public async Task Help_names_the_commands(string line) => (await _cluster.DoneAsync(line)).ShouldBe($"available commands -> {Commands}");

    [Theory]
    [InlineData("nodes -j")]
    [InlineData("-j")]
    [InlineData("LS")]
    [InlineData("''")]
    public async Task An_unknown_command_names_the_known_ones(string line) =>
        (await _cluster.FailedAsync(line)).ShouldBe($"unknown command (available commands -> {Commands})");

    [Fact]
    public async Task Only_the_first_word_is_the_command()
    {
        (await _cluster.DoneAsync("exec *servo --force echo on reset ls -j")).ShouldContain("on reset ls");
        (await _cluster.FailedAsync("nodes ls")).ShouldStartWith("unknown command");
    }

    [Fact]
    public async Task Every_command_explains_itself()
    {
        foreach (var command in Commands.Split(", "))
        {
            (await _cluster.DoneAsync($"{command} -h")).ShouldStartWith($"usage: {command} [-h] [-d] ");
            (await _cluster.FailedAsync($"{command} --surely-not")).ShouldStartWith(
                command == "exec" ? "error: too few" : "error: unrecognized arguments: --surely-not\n\nusage: ");
        }
    }

    [Fact]
    public async Task Debug_lines_come_before_the_output() =>
        (await _cluster.DoneAsync("ls nothing -j -d")).ShouldBe("debug : ls nothing -j -d\n{}");

    [Theory]
    [InlineData("exec *servo --force echo 'a  b' \"c 'd'\" e\\ f '' -j", "a  b c 'd' e f ")]
    [InlineData("  exec   *servo  --force\techo  a   b  -j", "a b")]
    public async Task Words_are_grouped_by_quotes_and_parted_by_any_number_of_blanks(string line, string printed) =>
        (await _cluster.DoneAsync(line)).ShouldContain($"\"stdout\":[\"{printed}\"]");

    [Fact]
    public async Task A_quote_must_be_closed() => (await _cluster.FailedAsync("exec *servo --force echo 'a")).ShouldBe("error: a quote is not closed");

    [Theory]
    [InlineData("text/plain", "x")]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\ntruncated")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nno header at all\r\n\r\n\r\n--b--\r\n")]
    public async Task Files_that_are_no_multipart_fail_the_command(string contentType, string body)
    {
        var portal = new SimulatedPortal(TimeProvider.System);

        var answer = await portal.AnswerToAsync(PortalCalls.Command("ls -j", new MemoryStream(Encoding.UTF8.GetBytes(body)), contentType));

        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("out").GetString().ShouldBe("unexpected failure -> the files of the command are not multipart/form-data");
    }

    [Fact]
    public async Task A_file_that_is_too_large_for_a_definition_counts_but_is_not_kept()
    {
        var large = new string('#', UploadedFiles.MaxDefinition + 1);

        (await _cluster.FailedAsync("deploy big.yml -d", ("big.yml", $"{TestCluster.Web}{large}"))).ShouldContain("it is not a YAML mapping");
        (await _cluster.DoneAsync("exec *servo --force files big -j", ("big", large))).ShouldContain($"big ({large.Length} bytes)");
    }

    [Fact]
    public async Task Many_callers_at_a_time_see_one_cluster()
    {
        var portal = new TestCluster();

        var deployed = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => Task.Run(() => portal.DoneAsync("deploy web.yml -p 2 -j", ("web.yml", TestCluster.Web)))));

        deployed.Distinct().Count().ShouldBe(100);
        (await portal.DoneAsync("ls *web -j")).ShouldContain("\"total\":200,\"running\":200");
    }
}
