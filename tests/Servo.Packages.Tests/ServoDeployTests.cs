using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>The target ServoDeploy in real builds, with the real gateway.</summary>
public sealed partial class ServoDeployTests(DeployProject project) : IClassFixture<DeployProject>
{
    [Theory]
    [InlineData("net10.0")]
    [InlineData("netstandard2.0")]
    public async Task Runs_the_scripts_in_order_and_shows_their_lines_and_nothing_of_the_token(string framework)
    {
        var (exitCode, output) = await project.Deploy("hello.py+sub/again.py", $"-p:ServoTaskFramework={framework}", $"-bl:{framework}.binlog").RunAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("hello from 3 pods");
        output.IndexOf("again", StringComparison.Ordinal).ShouldBeGreaterThan(output.IndexOf("hello from 3 pods", StringComparison.Ordinal));
        output.ShouldNotContain("hello.py ran in", Case.Sensitive, "the gateway's own lines are for more verbose builds");

        var log = project.ReadBinaryLog($"{framework}.binlog");
        log.ShouldContain($"tasks/{framework}/Servo.MSBuild.dll");
        log.ShouldContain("hello.py ran in");
        log.ShouldNotContain(Gateway.Token);
    }

    [Theory]
    [InlineData("net10.0")]
    [InlineData("netstandard2.0")]
    public async Task A_script_that_fails_is_an_error_of_the_build(string framework)
    {
        var (exitCode, output) = await project.Deploy("fail.py+hello.py", $"-p:ServoTaskFramework={framework}").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("about to fail");
        output.ShouldMatch("error SERVO001: The run [0-9a-f]+ failed: fail.py failed on exit code 3 \\(script-failed\\). Its last lines: about to fail");
        output.ShouldNotContain("hello from");
    }

    [Fact]
    public async Task The_error_holds_the_scripts_last_lines_and_stays_one_error()
    {
        project.Write(
            "deploy/long.py",
            "for i in range(100): print('line', i)\nprint()\nprint('\\x1b[31mred\\x1b[0m 100% {0}')\nprint('x' * 5000)\nraise ValueError('the reason')\n");

        var (exitCode, output) = await project.Deploy("hello.py+long.py", "-v:n").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("1 Error(s)");
        // Once where it happens, and once in the summary.
        var errors = output.Split('\n').Where(line => line.Contains("error SERVO", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("The run", StringComparison.Ordinal)..]).Distinct().ToArray();
        var lines = errors.ShouldHaveSingleItem().Split(". Its last lines: ")[1].Split(" | ");
        lines[^1].ShouldStartWith("ValueError: the reason");
        lines.ShouldContain("red 100% {0}");
        lines.ShouldContain(new string('x', 300) + "…");
        lines.Length.ShouldBe(10);
        errors[0].ShouldNotContain("hello from");
        output.ShouldNotContain("failure (long.py");
    }

    [Fact]
    public async Task A_clear_file_beside_its_encrypted_form_is_a_warning_that_names_the_property()
    {
        project.Write("secrets/hello.py", "");
        project.Write("secrets/s.yml", "clear");
        await ChildProcess.RunAsync(
            project.File("secrets"), "openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-base64", "-pass", $"pass:{Gateway.Token}", "-in",
            "s.yml", "-out", "s.yml.aes");

        var (exitCode, output) = await project.Deploy("hello.py", "-p:ServoBundle=secrets").RunAsync();
        exitCode.ShouldBe(0, output);
        output.ShouldContain("warning SERVO012: 's.yml' is packed in the clear beside 's.yml.aes', its encrypted form. Leave it out with ServoExclude");

        (exitCode, output) = await project.Deploy("hello.py", "-p:ServoBundle=secrets", "-p:ServoExclude=s.yml").RunAsync();
        exitCode.ShouldBe(0, output);
        output.ShouldNotContain("SERVO012");
    }

    [Fact]
    public async Task A_token_or_a_variable_with_white_space_around_it_is_an_error_that_says_so()
    {
        project.Write("blank-token.txt", $" {Gateway.Token}\n");

        var (exitCode, output) = await project.Deploy("hello.py", "-p:ServoTokenFile=blank-token.txt").RunAsync();
        exitCode.ShouldBe(1, output);
        output.ShouldMatch("error SERVO002: The servo token in the file '.*blank-token.txt' starts or ends with white space");

        (exitCode, output) = await project.Deploy("hello.py").With("SERVO_TOKEN", $"{Gateway.Token} ").RunAsync();
        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO002: The servo token in the environment variable SERVO_TOKEN starts or ends with white space");

        (exitCode, output) = await project.Deploy("hello.py", "-p:Fifo=  a  ").RunAsync();
        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO002: The value of the variable 'Fifo'");

        (exitCode, output) = await project.Deploy("hello.py").With("SERVO_TOKEN", null).With("Servo__Token", Gateway.Token).RunAsync();
        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO002: The servo token is missing: set the environment variable SERVO_TOKEN, or ServoTokenFile to a file that holds it. Servo__Token is set, but only the gateway's host reads it.");
    }

    [Fact]
    public async Task Every_setting_that_is_missing_or_wrong_is_an_error()
    {
        var (exitCode, output) = await project.Deploy("", "-p:ServoUrl=", "-p:ServoBundle=nowhere", "-p:ServoTimeout=soon", "-p:ServoAlgorithm=md5").With("SERVO_TOKEN", null).RunAsync();

        exitCode.ShouldBe(1, output);
        string[] problems = [
            "ServoUrl is not set", "The servo token is missing", "ServoBundle is '", "ServoAlgorithm is 'md5'", "ServoTimeout is 'soon'",
            "There are no scripts"];

        foreach (var problem in problems)
            output.ShouldContain($"error SERVO002: {problem}");
    }

    [Fact]
    public async Task A_token_in_a_property_is_an_error()
    {
        var (exitCode, output) = await project.Deploy("hello.py", "-p:ServoToken=in-the-open").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO002: ServoToken is set");
        output.ShouldNotContain("hello from");
    }

    [Fact]
    public async Task The_token_may_come_from_a_file_beside_the_project()
    {
        project.Write("token.txt", Gateway.Token + "\n");

        var (exitCode, output) = await project.Deploy("hello.py", "-p:ServoTokenFile=token.txt").With("SERVO_TOKEN", null).RunAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("hello from 3 pods");
    }

    [Fact]
    public async Task A_wrong_token_is_told_as_such()
    {
        var (exitCode, output) = await project.Deploy("hello.py").With("SERVO_TOKEN", "another").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO006");
        output.ShouldContain("ServoAlgorithm sha1");
        output.ShouldNotContain("ServoClientOptions");
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_told_as_such()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound and not listening: nobody else gets the port meanwhile.
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var (exitCode, output) = await project.Deploy("hello.py", $"-p:ServoUrl=http://{closed.LocalEndPoint}").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO004");
    }

    [Fact]
    public async Task A_script_that_is_not_in_the_bundle_is_told_before_anything_is_uploaded()
    {
        var (exitCode, output) = await project.Deploy("absent.py").RunAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO003");
        output.ShouldContain("absent.py");
    }

    [Fact]
    public async Task A_limit_ends_the_wait_and_names_the_run()
    {
        var fifo = await project.FifoAsync();

        var (exitCode, output) = await project.Deploy("read.py", $"-p:Fifo={fifo}", "-p:ServoTimeout=3").RunAsync();
        await File.WriteAllTextAsync(fifo, "the test");

        exitCode.ShouldBe(1, output);
        output.ShouldMatch(
            "error SERVO010: .* was accepted and is not stopped by this: search the gateway's log for [0-9a-f]+. ServoTimeout sets how long to wait.");
    }

    [Theory]
    [InlineData("net10.0")]
    [InlineData("netstandard2.0")]
    public async Task A_build_that_is_repeated_with_its_name_attaches_to_the_run_of_the_first_which_has_its_locks(string framework)
    {
        string[] properties =
        [
            "-v:n", $"-p:ServoIdempotencyKey=build-17-{framework}", "-p:Lock=production", "-p:SharedLock=network", $"-p:ServoTaskFramework={framework}",
        ];

        var first = await project.Deploy("hello.py", properties).RunAsync();
        var second = await project.Deploy("hello.py", properties).RunAsync();
        var other = await project.Deploy("fail.py", properties).RunAsync();

        first.ExitCode.ShouldBe(0, first.Output);
        second.ExitCode.ShouldBe(0, second.Output);
        second.Output.ShouldContain("hello from 3 pods");
        var run = RunOf(first.Output);
        RunOf(second.Output).ShouldBe(run);
        other.ExitCode.ShouldBe(1, other.Output);
        other.Output.ShouldContain("error SERVO007: ");
        other.Output.ShouldContain("Another request was accepted under this Idempotency-Key.");
        (await project.RunDocumentAsync(run)).GetProperty("locks").EnumerateArray().Select(name => name.GetString()).ShouldBe(
            ["production", "network;shared"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_lock_whose_name_is_none_is_an_error_and_a_build_says_for_what_it_waits()
    {
        var (exitCode, output) = await project.Deploy("hello.py", "-p:Lock=a b").RunAsync();
        exitCode.ShouldBe(1, output);
        output.ShouldContain("error SERVO002: ServoLock: ");

        var fifo = await project.FifoAsync();
        await using var holder = project.Deploy("read.py", $"-p:Fifo={fifo}", "-p:Lock=held").Start();
        await holder.SeesAsync("waiting");
        await using var waiting = project.Deploy("hello.py", "-p:SharedLock=held").Start();
        await waiting.SeesAsync("The run waits for held (run ");
        await File.WriteAllTextAsync(fifo, "the test", TestContext.Current.CancellationToken);

        (await holder.EndAsync()).ExitCode.ShouldBe(0);
        (exitCode, output) = await waiting.EndAsync();
        exitCode.ShouldBe(0, output);
        output.ShouldContain("hello from 3 pods");
    }

    [Fact]
    public async Task A_gateway_that_is_killed_leaves_the_runs_end_unknown()
    {
        await using var doomed = await Gateway.StartAsync();
        var fifo = await project.FifoAsync();
        await using var build = project.Deploy("read.py", $"-p:Fifo={fifo}", $"-p:ServoUrl={doomed.Url}", "-p:ServoReconnectTimeout=2").Start();
        await build.SeesAsync("waiting");

        await ChildProcess.RunAsync("/", "kill", "-KILL", $"{doomed.ProcessId}");
        var (exitCode, output) = await build.EndAsync();

        exitCode.ShouldBe(1, output);
        output.ShouldMatch("error SERVO010: .* It is unknown whether the run ([0-9a-f]+) is still going: search the gateway's log for \\1.");
        output.ShouldNotContain("goes on in");
    }

    [Theory]
    [InlineData("net10.0")]
    [InlineData("netstandard2.0")]
    public async Task Ctrl_C_ends_the_build_soon_and_cancels_its_run(string framework)
    {
        var fifo = await project.FifoAsync();
        // A session of its own, so that the signal reaches all of the build, as a terminal's does, and nothing else.
        string[] arguments = [
            "--default-signal=INT", "setsid", "dotnet",
            .. project.Arguments("read.py", $"-p:Fifo={fifo}", $"-p:ServoTaskFramework={framework}")];
        await using var build = project.Command("env", arguments).Start();
        await build.SeesAsync("waiting");

        await ChildProcess.RunAsync("/", "kill", "-INT", "--", $"-{build.ProcessId}");
        var (exitCode, output) = await build.EndAsync().WaitAsync(TimeSpan.FromSeconds(15));
        var left = await ChildProcess.TryAsync("/", "ps", "-o", "stat=,pid=,args=", "-s", $"{build.ProcessId}");

        exitCode.ShouldNotBe(0, output);
        output.ShouldMatch("warning SERVO011: The build was cancelled, and so was the run [0-9a-z-]+\\.");
        // A zombie has ended; that a container's first process does not reap it is not the build's doing.
        left.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line.StartsWith('Z'));
    }

    private static string RunOf(string output) => Accepted().Match(output).Groups[1].Value;

    [GeneratedRegex("The gateway has accepted the run ([0-9a-z-]+)\\.")]
    private static partial Regex Accepted();
}
