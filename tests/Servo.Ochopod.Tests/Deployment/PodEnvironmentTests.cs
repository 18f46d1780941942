using Servo.Ochopod.Cluster;
using Servo.Ochopod.Deployment;


namespace Servo.Ochopod.Tests.Deployment;

/// <summary>What a scheduler and the tool <c>deploy</c> tell a container.</summary>
public sealed class PodEnvironmentTests
{
    private readonly Dictionary<string, string> _variables = new()
    {
        ["MARATHON_APP_ID"] = "/ochopod.marathon.servo-2016-02-11-10-00-00",
        ["MESOS_TASK_ID"] = "task.1",
        ["HOST"] = "10.0.0.7",
        ["PORT_8080"] = "31001",
        ["PORT_5000"] = "5000",
        ["PORTS"] = "31001,5000",
        ["PORT"] = "31001",
        ["PORT0"] = "31001",
        ["PORT_HTTP"] = "5000",
        ["ochopod_cluster"] = "servo",
        ["ochopod_namespace"] = "staging",
        ["ochopod_debug"] = "false",
        ["ochopod_start"] = "true",
        ["ochopod_zk"] = "zk://10.0.0.1:2181,10.0.0.2:2181/mesos",
        ["ochopod_flavour"] = "vanilla",
        ["pod"] = "{}",
    };

    [Fact]
    public void Everything_that_deploy_sets_is_read()
    {
        var pod = Read();

        pod.Problems.ShouldBeEmpty();
        (pod.Namespace, pod.Cluster, pod.Application, pod.Task, pod.Host).ShouldBe(
            ("staging", "servo", "ochopod.marathon.servo-2016-02-11-10-00-00", "task.1", "10.0.0.7"));
        (pod.ControlPort, pod.IsLocal, pod.StartsOn, pod.Token).ShouldBe((8080, false, true, (string?)null));
        pod.Ports.ShouldBe(new Dictionary<int, int> { [8080] = 31001, [5000] = 5000 }, ignoreOrder: true);
        pod.ZooKeeper.ShouldBe(["10.0.0.1:2181", "10.0.0.2:2181"]);
    }

    [Fact]
    public void The_registration_has_every_member_and_whatever_else_is_set_for_pods()
    {
        var registration = new PodRegistration(Read().ToSettings(), 3).ToJson();

        registration.ToJsonString().ShouldContain("\"flavour\":\"vanilla\"");
        registration["port"]!.GetValue<string>().ShouldBe("8080");
        registration["ports"]!["8080"]!.GetValue<int>().ShouldBe(31001);
        registration["debug"]!.GetValue<string>().ShouldBe("false");
        registration["seq"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public void Without_a_scheduler_everything_is_on_this_machine()
    {
        var pod = PodEnvironment.Read(new Dictionary<string, string> { ["ochopod_local"] = "true" }, _ => null);

        pod.Problems.ShouldBeEmpty();
        (pod.Namespace, pod.Cluster, pod.Application, pod.Task, pod.ControlPort).ShouldBe(("marathon", "default", "", "", 8080));
        pod.ZooKeeper.ShouldBe(["127.0.0.1:2181"]);
        pod.Ports.ShouldBe(new Dictionary<int, int> { [8080] = 8080 });
    }

    [Theory]
    [InlineData("/opt/mesosphere/etc/mesos-slave-common", "X=1\nMESOS_MASTER=zk://a:1,b:2/mesos\n", "a:1 b:2")]
    [InlineData("/opt/mesosphere/etc/mesos-slave", "MESOS_MASTER=zk://leader.mesos:2181/mesos", "leader.mesos:2181")]
    [InlineData("/etc/mesos/zk", "zk://c:2181/mesos\nzk://ignored:1/x\n", "c:2181")]
    [InlineData("/nowhere", "", "10.0.0.1:2181 10.0.0.2:2181")]
    public void The_files_of_the_machines_agent_come_before_the_environment(string path, string text, string servers) =>
        string.Join(' ', Read(file => file == path ? text : null).ZooKeeper).ShouldBe(servers);

    [Fact]
    public void Every_problem_is_listed()
    {
        _variables.Remove("MARATHON_APP_ID");
        _variables["MESOS_TASK_ID"] = "";
        _variables["ochopod_port"] = "70000";
        _variables["PORT_1x"] = "1";
        _variables["pod"] = "{\"token\": \"\"}";
        _variables.Remove("ochopod_zk");

        var problems = Read().Problems;

        string.Join('\n', problems).ShouldSatisfyAllConditions(
            text => text.ShouldContain("MARATHON_APP_ID is not set"),
            text => text.ShouldContain("MESOS_TASK_ID is not set"),
            text => text.ShouldContain("ochopod_port is not a port number: '70000'"),
            text => text.ShouldContain("PORT_1x is not a port number: '1x'"),
            text => text.ShouldContain("'token'"),
            text => text.ShouldContain("No ZooKeeper is known"));
        problems.Count.ShouldBe(6);
    }

    [Theory]
    [InlineData("ochopod_cluster", true)]
    [InlineData("MARATHON_APP_ID", true)]
    [InlineData("pod", true)]
    [InlineData("HOME", false)]
    public void A_pod_is_known_by_its_variables(string name, bool isPod) =>
        PodEnvironment.IsThere(new Dictionary<string, string> { [name] = "x" }).ShouldBe(isPod);

    private PodEnvironment Read(Func<string, string?>? readFile = null) => PodEnvironment.Read(_variables, readFile ?? (_ => null));
}
