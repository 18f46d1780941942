using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Workspaces;
using Servo.Testing;

namespace Servo.Python.Tests;

/// <summary>A script cannot tell a warm start in a sandbox from a cold one without: what it prints, how it ends and what it leaves are the same.</summary>
public sealed class WarmAndColdTests
{
    // The whole corpus takes one Python forty seconds; the others get one script in so many, and those that are always cold only three.
    private const int Sample = 20;

    private static readonly Version Oldest = new(3, 9);

    // They print whether privileges can be gained, or as root the process's capabilities: nothing else of a sandbox is seen.
    private static readonly string[] ShowSandbox = ["status", "ptrace-self-status", "prctl-flags"];

    [Fact]
    public void The_corpus_is_large() => Corpus.Scripts.Count.ShouldBeGreaterThan(700);

    [Theory, EveryPython]
    public async Task Scripts_of_the_corpus_are_the_same(string version)
    {
        var pythons = await Pythons.OnThisMachine;
        var isWhole = version == pythons.Keys.Where(IsWarm).FirstOrDefault(each => pythons[each].StartsWith("/usr/bin/", StringComparison.Ordinal))
            || !pythons.Values.Any(path => path.StartsWith("/usr/bin/", StringComparison.Ordinal));
        IReadOnlyList<CorpusScript> scripts = !IsWarm(version) ? [.. Corpus.Scripts.Where(script => script.Name is "argv" or "exit-7" or "import json")]
            : isWhole ? Corpus.Scripts
            : [.. Corpus.Scripts.Where((_, index) => index % Sample == Version.Parse(version).Minor % Sample)];

        var (differences, starts) = await CompareAsync(pythons[version], scripts);

        differences.ShouldBeEmpty();
        starts.Distinct().ShouldBe([IsWarm(version) ? "servo.script.starts 1 servo.start=warm" : "servo.script.starts 1 servo.start=cold servo.reason=no parent"]);
        starts.Count.ShouldBe(scripts.Count);
    }

    private static bool IsWarm(string version) => Version.Parse(version) >= Oldest;

    private static async Task<(IReadOnlyCollection<string> Differences, IReadOnlyCollection<string> Starts)> CompareAsync(
        string python, IEnumerable<CorpusScript> scripts)
    {
        using var root = TempDirectory.ForGateway();
        using var runtime = new RuntimeDirectory(Options.Create(new WorkspaceOptions { Root = root.Path }));
        await using var cold = new Interpreter(python, warm: false, runtime, sandbox: ScriptSandbox.None);
        await using var coldInSandbox = new Interpreter(python, warm: false, runtime, sandbox: ScriptSandbox.Neighbours);
        await using var warm = new Interpreter(python, warm: true, runtime, sandbox: ScriptSandbox.Neighbours);
        var left = new ConcurrentQueue<CorpusScript>(scripts);
        var differences = new ConcurrentQueue<string>();

        await Task.WhenAll(Enumerable.Range(0, 2).Select(async worker =>
        {
            while (left.TryDequeue(out var script))
            {
                var folder = root.File($"bundle{worker}/x")[..^2];
                var expected = await (ShowSandbox.Contains(script.Name) ? coldInSandbox : cold).RunAsync(script, folder);
                var actual = await warm.RunAsync(script, folder);

                if (actual != expected)
                    differences.Enqueue($"{script}\ncold: {expected}\nwarm: {actual}");
            }
        }));

        return (differences, [.. warm.Starts]);
    }
}
