namespace Servo.Simulation.Tests;

public sealed class DeployTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public async Task Starts_pods_that_are_up_at_once()
    {
        (await _cluster.DoneAsync("deploy web.yml -p 2 -j", ("web.yml", TestCluster.Web))).ShouldBe("""{"web.yml":{"ok":true,"up":[0,1]}}""");
        (await _cluster.DoneAsync("deploy web.yml -j", ("web.yml", TestCluster.Web))).ShouldBe("""{"web.yml":{"ok":true,"up":[2]}}""");
        (await _cluster.DoneAsync("deploy web.yml", ("web.yml", TestCluster.Web))).ShouldBe("100% success (+1 pods)");
        (await _cluster.DoneAsync("ls *web -j")).ShouldContain("\"total\":4,\"running\":4");
    }

    [Fact]
    public async Task Never_gives_a_number_twice()
    {
        await _cluster.DeployAsync(2);
        await _cluster.DoneAsync("kill *web --force");

        (await _cluster.DoneAsync("deploy web.yml -j", ("web.yml", TestCluster.Web))).ShouldContain("\"up\":[2]");
    }

    [Fact]
    public async Task Takes_several_files_a_namespace_and_a_suffix()
    {
        var deployed = await _cluster.DoneAsync(
            "deploy a.yml b.yml -n test -s blue -t 5 --strict -r 2.0 -j", ("a.yml", "cluster: a\nimage: acme/a:1"), ("b.yml", "cluster: b\nimage: reg:5000/b"));

        deployed.ShouldBe("""{"a.yml":{"ok":true,"up":[0]},"b.yml":{"ok":true,"up":[0]}}""");
        (await _cluster.DoneAsync("ls test.* -j")).ShouldBe(
            """{"test.a-blue":{"total":1,"running":1,"status":""},"test.b-blue":{"total":1,"running":1,"status":""}}""");
        (await _cluster.DoneAsync("log test.*")).ShouldSatisfyAllConditions(
            log => log.ShouldContain("test.a-blue #0 runs acme/a:2.0"),
            log => log.ShouldContain("test.b-blue #0 runs reg:5000/b:2.0"));
    }

    [Fact]
    public async Task Leaves_the_process_off_where_the_definition_says_so()
    {
        await _cluster.DoneAsync("deploy a.yml", ("a.yml", "cluster: a\nimage: a\nstart: false\ndebug: true"));

        (await _cluster.DoneAsync("ls *.a -j")).ShouldContain("\"total\":1,\"running\":0");
    }

    [Fact]
    public async Task Fails_a_file_that_was_not_sent_and_goes_on_with_the_others()
    {
        (await _cluster.FailedAsync("deploy gone.yml web.yml -j", ("web.yml", TestCluster.Web))).ShouldBe(
            """{"gone.yml":{"ok":false,"up":[]},"web.yml":{"ok":true,"up":[0]}}""");
        (await _cluster.FailedAsync("deploy gone.yml web.yml", ("web.yml", TestCluster.Web))).ShouldBe("50% success (+1 pods)");
        (await _cluster.FailedAsync("deploy gone.yml")).ShouldBe("0% success (+0 pods)");
    }

    [Theory]
    [InlineData("", "not a YAML mapping")]
    [InlineData("just a text", "not a YAML mapping")]
    [InlineData("a: b: c: d", "not a YAML mapping")]
    [InlineData("cluster: [", "not a YAML mapping")]
    [InlineData("image: a", "'cluster' is missing")]
    [InlineData("cluster: a", "'image' is missing")]
    [InlineData("cluster:\nimage: a", "'cluster' is missing")]
    [InlineData("cluster: a b\nimage: a", "'cluster' is missing or no name")]
    [InlineData("cluster: a\nimage: ' '", "'image' is missing")]
    [InlineData("cluster: a\nimage: a\nstart: maybe", "'start' or 'debug'")]
    [InlineData("cluster: a\nimage: a\nsettings: 1", "'settings' or 'verbatim'")]
    [InlineData("cluster: a\nimage: a\nverbatim: []", "'settings' or 'verbatim'")]
    [InlineData("cluster: a\nimage: a\nports: 80", "'ports'")]
    [InlineData("cluster: a\nimage: a\nports:\n  - 80 81 82", "'ports'")]
    [InlineData("cluster: a\nimage: a\nports:\n  - 65536", "'ports'")]
    [InlineData("cluster: a\nimage: a\nports:\n  - [80]", "'ports'")]
    [InlineData("cluster: a\nimage: a\nsettings:\n  token:", "a setting is null")]
    [InlineData("cluster: a\nimage: a\nsettings:\n  deep:\n    - {token: ~}", "a setting is null")]
    public async Task Fails_a_definition_that_is_wrong_and_says_why_with_d(string yaml, string why)
    {
        (await _cluster.FailedAsync("deploy a.yml -j", ("a.yml", yaml))).ShouldBe("""{"a.yml":{"ok":false,"up":[]}}""");
        (await _cluster.FailedAsync("deploy a.yml -d", ("a.yml", yaml))).ShouldSatisfyAllConditions(
            text => text.ShouldContain($"debug : a.yml : "), text => text.ShouldContain(why), text => text.ShouldEndWith("\n0% success (+0 pods)"));
        (await _cluster.DoneAsync("ls *.a -j")).ShouldBe("{}");
    }

    [Fact]
    public async Task Merges_the_settings_of_the_cluster_over_those_of_the_definition()
    {
        const string Secret = "cluster: a\nimage: a\nsettings:\n  db: {user: joe, password: null}\n";

        await _cluster.FailedAsync("deploy a.yml -j", ("a.yml", Secret));
        await _cluster.FailedAsync("deploy a.yml -j -o over.yml", ("a.yml", Secret), ("over.yml", "marathon.b: {db: {password: x}}"));
        await _cluster.FailedAsync("deploy a.yml -j -o over.yml", ("a.yml", Secret), ("over.yml", "marathon.a: {db: {password: x}, more: null}"));
        await _cluster.DoneAsync("deploy a.yml -j -o over.yml", ("a.yml", Secret), ("over.yml", "marathon.a: {db: {password: x}}"));
    }

    [Theory]
    [InlineData("deploy -j", "error: too few arguments")]
    [InlineData("deploy a.yml -p", "error: argument -p: expected one argument")]
    [InlineData("deploy a.yml -p many", "error: argument -p: invalid int value: 'many'")]
    [InlineData("deploy a.yml -o", "error: argument -o: expected at least one argument")]
    [InlineData("deploy a.yml --fast", "error: unrecognized arguments: --fast")]
    [InlineData("deploy a.yml -pmany", "error: argument -p: invalid int value: 'many'")]
    [InlineData("deploy a.yml --strict=1", "error: argument --strict: ignored explicit argument '1'")]
    public async Task Refuses_wrong_arguments_with_its_usage(string line, string error) =>
        (await _cluster.FailedAsync(line, ("a.yml", TestCluster.Web))).ShouldStartWith($"{error}\n\nusage: deploy [-h] [-d] [-j]");

    [Theory]
    [InlineData("deploy web.yml -p2 --str -n=prod -j")]
    [InlineData("deploy -nprod -p=2 -j -- web.yml")]
    public async Task Reads_options_as_the_toolset_does(string line)
    {
        (await _cluster.DoneAsync(line, ("web.yml", TestCluster.Web))).ShouldBe("""{"web.yml":{"ok":true,"up":[0,1]}}""");
        (await _cluster.DoneAsync("ls *web -j")).ShouldStartWith("""{"prod.web":{"total":2,""");
    }

    [Theory]
    [InlineData("-p 0")]
    [InlineData("-p -1")]
    [InlineData("-p 2000000000")]
    [InlineData("-p 999")]
    [InlineData("-n a/b")]
    public async Task Starts_nothing_that_does_not_fit_in(string option)
    {
        (await _cluster.FailedAsync($"deploy web.yml {option} -j", ("web.yml", TestCluster.Web))).ShouldBe("""{"web.yml":{"ok":false,"up":[]}}""");
        (await _cluster.DoneAsync("ls *web -j")).ShouldBe("{}");
    }
}
