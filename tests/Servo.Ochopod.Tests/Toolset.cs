using System.Text.Json;
using Servo.Testing;

namespace Servo.Ochopod.Tests;

/// <summary>The tools of the cluster, which look pods up in ZooKeeper with kazoo: see toolset.py.</summary>
public sealed class Toolset(string zooKeeper, string workingDirectory)
{
    /// <summary>Debian's, which has the packages that the tools need.</summary>
    public const string Python = "/usr/bin/python3";

    public static string Script(string name) => Path.Join(Repository.Root, "tests/Servo.Ochopod.Tests", name);

    /// <summary>Runs a command line, its words separated by blanks.</summary>
    public Task<ProcessResult> RunAsync(string line) => ChildProcess.TryAsync(workingDirectory, Python, [Script("toolset.py"), zooKeeper, .. line.Split(' ')]);

    /// <summary>The output of a command that has to succeed, as JSON.</summary>
    public async Task<JsonElement> JsonAsync(string line)
    {
        var result = await RunAsync($"{line} -j");
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    /// <summary>Looks again, a bounded number of times, until the cluster's pods look as wanted; each look takes a process.</summary>
    public async Task<JsonElement> UntilAsync(string line, Func<JsonElement, bool> isWanted)
    {
        for (var look = 0; look < 60; look++)
        {
            var found = await JsonAsync(line);

            if (isWanted(found))
                return found;
        }

        throw new TimeoutException($"'{line}' did not come to show what was wanted: {await JsonAsync(line)}");
    }
}
