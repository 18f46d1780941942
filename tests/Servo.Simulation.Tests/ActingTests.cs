namespace Servo.Simulation.Tests;

/// <summary>The commands that change pods: kill, scale, on, off, bump and reset.</summary>
public sealed class ActingTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public async Task Kill_ends_all_pods_or_those_that_are_named()
    {
        await _cluster.DeployAsync(4);

        (await _cluster.DoneAsync("kill *web -j -i 1 2")).ShouldBe("""{"*web":{"ok":true,"down":[1,2]}}""");
        (await _cluster.DoneAsync("kill *web -i 0")).ShouldBe("100% success (-1 pods)");
        (await _cluster.DoneAsync("kill *web --force -j")).ShouldBe("""{"*web":{"ok":true,"down":[3]}}""");
        (await _cluster.DoneAsync("ls *web -j")).ShouldBe("{}");
    }

    [Fact]
    public async Task Kill_of_nothing_fails()
    {
        (await _cluster.FailedAsync("kill *web *servo --force -j")).ShouldBe("""{"*web":{"ok":false,"down":[]},"*servo":{"ok":true,"down":[0]}}""");
        (await _cluster.FailedAsync("kill *web --force")).ShouldBe("0% success (0 pods)");
    }

    [Theory]
    [InlineData("kill *servo")]
    [InlineData("on *servo")]
    [InlineData("off *servo")]
    [InlineData("reset *servo -j")]
    public async Task Nothing_happens_to_pods_that_are_not_named_one_way_or_the_other(string line)
    {
        (await _cluster.FailedAsync(line)).ShouldBe("shutting down <- name the pods with -i, or all of them with --force");
        (await _cluster.DoneAsync("ls *servo -j")).ShouldContain("\"running\":1");
    }

    [Fact]
    public async Task Off_and_on_turn_the_process_and_answer_with_names()
    {
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("off *web --force -t 10 -j")).ShouldBe("""{"*web":{"ok":true,"off":["marathon.web #0","marathon.web #1"]}}""");
        (await _cluster.DoneAsync("grep *web -j")).ShouldContain("\"process\":\"stopped\"");
        (await _cluster.DoneAsync("on *web -i 1 -j")).ShouldBe("""{"*web":{"ok":true,"on":["marathon.web #1"]}}""");
        (await _cluster.DoneAsync("on *web --force")).ShouldBe("100% success (2 pods)");
        (await _cluster.DoneAsync("ls *web -j")).ShouldContain("\"running\":2");
    }

    [Fact]
    public async Task Reset_answers_with_numbers_and_leaves_the_process_alone()
    {
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("reset *web --force -j")).ShouldBe("""{"*web":{"ok":true,"reset":[0,1]}}""");
        (await _cluster.DoneAsync("ls *web -j")).ShouldContain("\"running\":2");
        (await _cluster.DoneAsync("log *web -i 0")).ShouldContain("registered again");
    }

    [Fact]
    public async Task Bump_replaces_pods_by_as_many_new_ones()
    {
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("bump *web -v 1.1 --strict -j")).ShouldBe("""{"*web":{"ok":true,"up":[2,3]}}""");
        (await _cluster.DoneAsync("log *web")).ShouldContain("marathon.web #2 runs registry:5000/acme/web:1.1");
        (await _cluster.DoneAsync("bump *web")).ShouldBe("100% success (+2 pods)");
        (await _cluster.DoneAsync("ls *web -j")).ShouldContain("\"total\":2");
        (await _cluster.FailedAsync("bump nothing -j")).ShouldBe("""{"nothing":{"ok":false,"up":[]}}""");
    }

    [Theory]
    [InlineData("@5", 2)]
    [InlineData("@3", 0)]
    [InlineData("@1", -2)]
    [InlineData("@0", -3)]
    [InlineData("x2", 3)]
    [InlineData("x1.5", 1)]
    [InlineData("x0.4", -2)]
    public async Task Scale_goes_to_a_number_or_by_a_factor(string factor, int delta)
    {
        await _cluster.DeployAsync(3);

        (await _cluster.DoneAsync($"scale *web -f {factor} -j")).ShouldBe($$$"""{"*web":{"ok":true,"delta":{{{delta}}}}}""");
        (await _cluster.DoneAsync("ls *web -j")).ShouldBe(
            delta == -3 ? "{}" : $$$"""{"marathon.web":{"total":{{{3 + delta}}},"running":{{{3 + delta}}},"status":""}}""");
    }

    [Fact]
    public async Task Scale_ends_the_newest_first_and_the_oldest_with_fifo()
    {
        await _cluster.DeployAsync(4);

        (await _cluster.DoneAsync("scale *web -f @3")).ShouldBe("100% success (-1 pods)");
        (await _cluster.DoneAsync("scale *web -f @2 --fifo")).ShouldBe("100% success (-1 pods)");
        (await _cluster.DoneAsync("scale *web -f @2")).ShouldBe("100% success (0 pods)");
        (await _cluster.DoneAsync("kill *web --force -j")).ShouldContain("\"down\":[1,2]");
    }

    [Fact]
    public async Task Scale_can_be_narrowed_down_to_one_application()
    {
        await _cluster.DeployAsync(2);
        await _cluster.DeployAsync(2);

        (await _cluster.DoneAsync("scale *web -g 3 -f @1 -j")).ShouldBe("""{"*web":{"ok":true,"delta":-1}}""");
        (await _cluster.DoneAsync("kill *web --force -j")).ShouldContain("\"down\":[0,1,2]");
    }

    [Theory]
    [InlineData("scale *servo -j", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo -f 3", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo -f @1.5", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo -f @-1", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo -f x1e9", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo -f xNaN", "shutting down <- -f takes @n or xF, such as @3 or x1.5")]
    [InlineData("scale *servo nothing -f @3 -j", "shutting down <- nothing has no pods (KeyError 'delta')")]
    public async Task Scale_that_fails_early_has_no_JSON(string line, string text)
    {
        (await _cluster.FailedAsync(line)).ShouldBe(text);
        (await _cluster.DoneAsync("ls *servo -j")).ShouldContain("\"total\":1");
    }

    [Theory]
    [InlineData("@2000")]
    [InlineData("@99999999999999999999")]
    [InlineData("x1000000000")]
    [InlineData("x99999999999999999999")]
    public async Task Scale_starts_nothing_that_does_not_fit_in(string factor)
    {
        await _cluster.FailedAsync($"scale *servo -f {factor} -j");
        (await _cluster.DoneAsync("ls *servo -j")).ShouldContain("\"total\":1");
    }
}
