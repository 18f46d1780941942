using System.Formats.Tar;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.EndToEnd.Tests;

/// <summary>
/// A host that is killed at a point of a run's life, and the next one: whatever was kept at that moment, no script is started twice, every run that was
/// accepted comes to its end, and what it said is there.
/// </summary>
public sealed class CrashTests : IDisposable
{
    /// <summary>How far this run came while the other went on is chance.</summary>
    private const string AnyEnd = "succeeded 3|lost [0-3]";

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ReapAsync:before:1", "succeeded 3", "succeeded 3")]
    [InlineData("ReapAsync:after:1", "succeeded 3", "succeeded 3")]
    [InlineData("KeepAsync:before:1", "succeeded 3", "succeeded 3")]
    [InlineData("KeepAsync:after:1", "succeeded 3", "succeeded 3")]
    [InlineData("AcceptAsync:before:1", "succeeded 3", "succeeded 3")]
    [InlineData("AcceptAsync:after:1", "succeeded 3", "succeeded 3")]
    [InlineData("FetchAsync:before:1", "succeeded 3", "succeeded 3")]
    [InlineData("FetchAsync:after:1", "succeeded 3", "succeeded 3")]
    [InlineData("StartAsync:before:1", "succeeded 3", "succeeded 3")]
    [InlineData("StartAsync:after:1", "lost 0", "succeeded 3")]
    [InlineData("RunAsync:before:1", "lost 0", "succeeded 3")]
    [InlineData("RunAsync:after:1", "lost 3", "succeeded 3")]
    [InlineData("CompleteAsync:before:1", "lost 3", "succeeded 3")]
    [InlineData("CompleteAsync:after:1", "lost 3", "succeeded 3")]
    [InlineData("FinishAsync:before:1", "lost 3", "succeeded 3")]
    [InlineData("FinishAsync:after:1", "succeeded 3", "succeeded 3")]
    [InlineData("DeleteAsync:before:1", "succeeded 3", AnyEnd)]
    [InlineData("DeleteAsync:after:1", "succeeded 3", AnyEnd)]
    [InlineData("ClaimAsync:before:1", AnyEnd, "succeeded 3")]
    [InlineData("ClaimAsync:after:1", AnyEnd, "succeeded 3")]
    [InlineData("AcceptAsync:before:2", AnyEnd, "succeeded 3")]
    [InlineData("AcceptAsync:after:2", AnyEnd, "succeeded 3")]
    [InlineData("AppendAsync:after:2", "lost [0-3]", "succeeded 3")]
    [InlineData("StartAsync:before:2", "succeeded 3", "succeeded 3")]
    [InlineData("StartAsync:after:2", "succeeded 3", "lost 0")]
    [InlineData("FinishAsync:before:2", "succeeded 3", "lost 3")]
    [InlineData("FinishAsync:after:2", "succeeded 3", "succeeded 3")]
    public async Task A_host_that_is_killed_at_a_point_leaves_the_next_one_what_it_needs(string point, string first, string second)
    {
        Post("first");
        Post("second");

        var killed = await LiveAsync(point);
        killed.ExitCode.ShouldBe(137, killed.Output);
        var next = await LiveAsync();

        next.ExitCode.ShouldBe(0, next.Output + next.Error);
        var ended = next.Output.Split('\n').Where(line => line.StartsWith("ended ", StringComparison.Ordinal)).ToList();
        ended.Count.ShouldBe(2, next.Output);
        ended.ShouldContain(line => Regex.IsMatch(line, $"^ended first ({first})$"), next.Output);
        ended.ShouldContain(line => Regex.IsMatch(line, $"^ended second ({second})$"), next.Output);

        foreach (var name in new[] { "first", "second" })
        {
            Starts(name).ShouldBeLessThanOrEqualTo(1, next.Output);

            if (!ended.Contains($"ended {name} lost 0"))
                Starts(name).ShouldBe(1, next.Output);
        }

        Directory.GetFiles(_folder.File("state/bundles")).ShouldBeEmpty();
        Directory.GetDirectories(_folder.Path, "servo-*").ShouldBeEmpty();
    }

    private void Post(string name)
    {
        _folder.Write(
            $"{name}/a.py",
            $"import os\nopen('{_folder.File("told/starts")}', 'a').write(os.environ['NAME'] + '\\n')\nfor i in range(3): print('said %d' % i, flush=True)\n");
        TarFile.CreateFromDirectory(_folder.File(name), _folder.File($"{name}.tar"), includeBaseDirectory: false);
    }

    private async Task<ProcessResult> LiveAsync(params string[] point) => await ChildProcess.TryAsync(
        "/",
        "dotnet",
        [Path.Join(Repository.Root, "tests/Servo.CrashingHost/bin/Release/net10.0/Servo.CrashingHost.dll"), _folder.Path, await Python.ExecutableAsync(), .. point]);

    /// <summary>In a folder of their own: directly in the one above the workspaces scripts can make nothing.</summary>
    private int Starts(string name) => File.Exists(_folder.File("told/starts")) ? File.ReadAllLines(_folder.File("told/starts")).Count(line => line == name) : 0;
}
