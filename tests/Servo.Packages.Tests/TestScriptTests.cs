using Servo.Testing;

namespace Servo.Packages.Tests;

/// <summary>test.sh with a stand-in for dotnet, which only says that it ran a test project.</summary>
public sealed class TestScriptTests : IAsyncLifetime
{
    // Writes down when a test project begins and ends, and lets none end before so many have begun, or could have. 'Domain' fails a test, 'Python' leaves
    // no report.
    private const string DotNet = """
        #!/usr/bin/env bash
        set -euo pipefail
        [[ $1 != sln ]] || exec printf '%s\n' tests/*.Tests/*.Tests.csproj
        [[ $1 == *.dll ]] || exit 0
        name=$(basename "$1" .dll)
        while [[ $1 != -result-xml ]]; do shift; done
        echo "+$name" >> "$EVENTS"
        echo "$name begins"
        until ((SECONDS > 5 || $(grep -c '^+' "$EVENTS") >= MUST_BEGIN)); do sleep 0.1; done
        echo "$name ends"
        echo "-$name" >> "$EVENTS"
        [[ $name != *.Python.* ]] || exit 0
        failed=$([[ $name == *.Domain.* ]] && echo 1 || echo 0)
        echo "<assemblies><assembly total='10' passed='$((10 - failed))' errors='0'/></assemblies>" > "$2"
        exit "$failed"
        """;

    private readonly TempDirectory _directory = new();
    private Checkout _checkout = null!;

    public async ValueTask InitializeAsync()
    {
        _checkout = await Checkout.CreateAsync();
        var stub = _directory.Write("bin/dotnet", DotNet);
        File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public ValueTask DisposeAsync()
    {
        _checkout.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Projects_run_two_at_a_time_and_the_totals_are_those_of_all()
    {
        var (exitCode, output) = await RunAsync(mustBegin: 3);
        var projects = Directory.GetDirectories(Path.Join(Repository.Root, "tests"), "*.Tests").Length;

        exitCode.ShouldBe(1, output);
        // One test of Domain failed, and Python counts as one that failed.
        output.TrimEnd().Split('\n')[^1].ShouldBe($"{10 * (projects - 1) - 1} passed, 2 failed");

        var (running, most) = (0, 0);
        foreach (var line in await File.ReadAllLinesAsync(_directory.File("events"), TestContext.Current.CancellationToken))
        {
            running += line[0] == '+' ? 1 : -1;
            most = Math.Max(most, running);
        }

        most.ShouldBe(2);
    }

    [Fact]
    public async Task The_output_of_a_project_is_shown_whole()
    {
        var (_, output) = await RunAsync(mustBegin: 2, "Domain", "Servo.WebHost.Tests", "EndToEnd");

        foreach (var name in (string[])["Domain", "WebHost", "EndToEnd"])
            output.ShouldContain($"== Servo.{name}.Tests\nServo.{name}.Tests begins\nServo.{name}.Tests ends\n");

        output.TrimEnd().Split('\n')[^1].ShouldBe("29 passed, 1 failed");
    }

    [Theory]
    [InlineData("--help", 0, "usage: ./test.sh")]
    [InlineData("--hlep", 1, "there is no option '--hlep'")]
    [InlineData("Domian", 1, "There is no test project 'Servo.Domian.Tests'")]
    public async Task A_word_that_names_no_project_runs_nothing(string word, int expected, string message)
    {
        var (exitCode, output) = await RunAsync(mustBegin: 1, word);

        exitCode.ShouldBe(expected, output);
        output.ShouldContain(message);
        File.Exists(_directory.File("events")).ShouldBeFalse();
    }

    private Task<CommandResult> RunAsync(int mustBegin, params string[] names) =>
        _checkout.Command("bash", ["./test.sh", .. names])
            .With("PATH", $"{_directory.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}")
            .With("EVENTS", _directory.File("events"))
            .With("MUST_BEGIN", $"{mustBegin}").RunAsync();
}
