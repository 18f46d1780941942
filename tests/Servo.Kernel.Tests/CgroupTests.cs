using System.Text.Json.Nodes;

namespace Servo.Kernel.Tests;

/// <summary>What a run's cgroup does: its limits end a run that reaches them and name themselves, no script leaves it, and nothing of it stays.</summary>
public sealed class CgroupTests(VirtualMachine machine) : IClassFixture<VirtualMachine>
{
    private const string MemoryLimit = "MaxMemoryBytes=100663296";

    public static TheoryData<string, string, string> Failures
    {
        get
        {
            var data = new TheoryData<string, string, string>
            {
                { "warm: memory", "out-of-memory", MemoryLimit },
                { "warm: memory of children", "out-of-memory", MemoryLimit },
                { "warm: memory of files", "out-of-memory", MemoryLimit },
                { "cold: memory", "out-of-memory", MemoryLimit },
                { "warm: threads", "too-many-processes", "MaxProcesses=24" },
                { "cold: processes", "too-many-processes", "MaxProcesses=24" },
                { "warm: failure", "script-failed", "exit code 3" },
                { "warm: handled", "script-failed", "b.py failed on exit code 3" }, // what its first script was refused, and went on without
                { "cold: shut", "script-failed", "exit code 3" },
            };

            if (VirtualMachine.IsLong)
                data.Add("bubblewrap: memory", "out-of-memory", MemoryLimit);

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_run_that_fails_at_a_limit_is_told_which(string name, string kind, string detail)
    {
        var failure = Answer(name)["failure"]!;
        ((string)failure["kind"]!).ShouldBe(kind);
        ((string)failure["detail"]!).ShouldContain(detail);
    }

    [Theory]
    [InlineData("warm: within")]
    [InlineData("cold: within")]
    public void A_run_finds_its_limits_in_its_cgroup(string name) =>
        Lines(name).ShouldBe(
        [
            "memory.max 100663296", "memory.swap.max 0", "pids.max 24", "cpu.weight 50", "io.weight default 60", "io.max 0 rbps=2097152 wbps=2097152 riops=max wiops=max",
        ]);

    [Fact]
    public void No_script_is_spared_where_memory_is_short_though_its_gateway_is() => Lines("warm: spared").ShouldBe(["failed", "0"]);

    [Fact]
    public void What_is_not_the_gateway_s_goes_on() => machine.Case("left of the killed")["foreign"].ShouldBeNull();

    [Fact]
    public void Its_disk_is_as_slow_as_the_limit_says() => Lines("warm: disk").ShouldBe(["slow"]);

    public static TheoryData<string, string> Leaving
    {
        get
        {
            var data = new TheoryData<string, string> { { "warm: leave", "inside" }, { "cold: leave", "inside" } };

            // Its namespace has a root of its own.
            if (VirtualMachine.IsLong)
                data.Add("bubblewrap: leave", "outside");

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Leaving))]
    public void No_script_leaves_it(string name, string where) =>
        Lines(name).ShouldBe(
        [
            "to the root failed", "above failed", "a higher limit failed", "a cgroup failed", "a cgroup in its own failed", "a child elsewhere failed", where,
        ]);

    [Theory]
    [InlineData("left")]
    [InlineData("left of the killed")]
    [InlineData("stopped")]
    public void Nothing_of_it_stays(string name) => machine.Case(name)["runs"]!.AsArray().ShouldBeEmpty();

    [Fact]
    public void A_host_that_is_killed_leaves_it_to_the_next() => machine.Case("killed")["runs"]!.AsArray().Count.ShouldBe(1);

    [Fact]
    public void A_host_that_is_in_the_folder_moves_into_a_cgroup_of_its_own()
    {
        var inside = machine.Case("inside");
        inside["processes"]!.AsArray().ShouldBeEmpty();
        inside["gateway"]!.AsArray().Select(process => (string)process!).ShouldContain(((int)inside["host"]!).ToString());
    }

    public static TheoryData<string, string> Refusals
    {
        get
        {
            var data = new TheoryData<string, string> { { "taken", "'/sys/fs/cgroup/servo' is locked by another process" } };

            if (VirtualMachine.IsLong)
            {
                data.Add("no controllers", "'/sys/fs/cgroup/bare/inner' has no controller for memory, pids, cpu, io");
                data.Add("from outside", "'/sys/fs/cgroup/plain' cannot be entered from the gateway's own cgroup");
                data.Add("busy", "'/sys/fs/cgroup/busy' holds other processes");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_folder_that_cannot_be_used_keeps_the_host_from_starting(string name, string why)
    {
        ((int)machine.Case(name)["code"]!).ShouldBe(1);
        string.Join('\n', machine.Case(name)["said"]!.AsArray().Select(line => (string)line!)).ShouldContain("Servo:Scripts:Cgroup: " + why);
    }

    private JsonNode Answer(string name)
    {
        var found = machine.Case(name);
        ((int)found["status"]!).ShouldBe(200);
        return found["answer"]!;
    }

    /// <summary>What a script printed that succeeded.</summary>
    private IEnumerable<string> Lines(string name)
    {
        var answer = Answer(name);
        ((bool)answer["ok"]!).ShouldBeTrue(answer.ToJsonString());
        return answer["log"]!.AsArray().Select(line => (string)line!).Where(line => !line.StartsWith('$') && !line.StartsWith("a.py ran", StringComparison.Ordinal));
    }
}
