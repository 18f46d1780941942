using Servo.Testing;
using YamlDotNet.Serialization;

namespace Servo.Packages.Tests;

/// <summary>The installed tool, by itself and in the workflow that uses it.</summary>
public sealed class ToolTests(GatewayAndPackages shared) : IDisposable
{
    private readonly Scratch _scratch = new();

    [Theory]
    [InlineData("hello.py", 0, "hello from 3 pods")]
    [InlineData("fail.py", 1, "fail.py failed on exit code 3")]
    public async Task The_installed_tool_runs_a_folder(string script, int expected, string line)
    {
        Scripts.WriteTo(_scratch, "deploy");

        var (exitCode, output) = await shared.Command(
            _scratch.Path, Path.Join(await shared.ToolFolderAsync(), "servo"), "run", "deploy", script, "--var", "PODS=3")
            .With("SERVO_URL", shared.Url).RunAsync();

        exitCode.ShouldBe(expected, output);
        output.ShouldContain(line);
    }

    [Fact]
    public async Task The_workflow_has_what_it_needs_and_its_steps_deploy()
    {
        var folder = _scratch.Copy("samples/msbuild");
        var workflow = Map(new DeserializerBuilder().Build().Deserialize<object>(await File.ReadAllTextAsync(Path.Join(Repository.Root, "samples/github-actions/deploy.yml"))));
        var job = Map(Map(workflow["jobs"])["deploy"]);
        var steps = ((List<object>)job["steps"]).ConvertAll(Map);

        Map(workflow["on"]).ShouldContainKey("push");
        Map(workflow["permissions"])["contents"].ShouldBe("read");
        job["runs-on"].ShouldBe("ubuntu-latest");
        steps.Where(step => step.ContainsKey("uses")).Select(step => ((string)step["uses"]).Split('@')[0]).ShouldBe(
            ["actions/checkout", "actions/setup-dotnet"]);
        Map(steps[^1]["env"])["SERVO_TOKEN"].ShouldBe("${{ secrets.SERVO_TOKEN }}");

        var paths = _scratch.Write("paths", "");
        var output = "";

        foreach (var step in steps.Where(step => step.ContainsKey("run")))
        {
            // As a runner does it: bash -e, and what earlier steps put into GITHUB_PATH comes first.
            var path = string.Join(':', [.. await File.ReadAllLinesAsync(paths), Environment.GetEnvironmentVariable("PATH")]);
            var result = await shared.Command(folder, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", (string)step["run"])
                .With("SERVO_URL", shared.Url).With("RUNNER_TEMP", _scratch.Path).With("GITHUB_PATH", paths).With("GITHUB_SHA", "c0ffee")
                .With("PATH", path).RunAsync();
            result.ExitCode.ShouldBe(0, result.Output);
            output += result.Output;
        }

        output.ShouldContain("deploying version c0ffee");
        output.ShouldContain("version c0ffee is up");
    }

    public void Dispose() => _scratch.Dispose();

    private static Dictionary<string, object> Map(object node) => ((Dictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value);
}
