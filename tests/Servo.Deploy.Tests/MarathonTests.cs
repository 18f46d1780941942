using System.Text.Json.Nodes;

namespace Servo.Deploy.Tests;

public sealed class MarathonTests
{
    private readonly JsonNode _app = DeployFolder.Json(DeployFolder.Marathon);

    private JsonNode Docker => _app["container"]!["docker"]!;

    [Fact]
    public void Is_named_and_told_what_the_deploy_tool_would_tell_it()
    {
        _app["id"]!.ToString().ShouldBe("/ochopod.marathon.servo");
        _app["env"]!["ochopod_cluster"]!.ToString().ShouldBe("servo");
        _app["env"]!["ochopod_namespace"]!.ToString().ShouldBe("marathon");
        _app["env"]!["ochopod_debug"]!.ToString().ShouldBe("false");
        _app["env"]!["ochopod_start"]!.ToString().ShouldBe("true");
        JsonNode.Parse(_app["env"]!["pod"]!.ToString())!.AsObject().ShouldBeEmpty();
        _app["env"]!.AsObject().ShouldAllBe(variable => variable.Value!.GetValueKind() == System.Text.Json.JsonValueKind.String);
    }

    [Fact]
    public void Maps_the_control_port_to_any_port_of_the_host_and_5000_to_5000()
    {
        Docker["network"]!.ToString().ShouldBe("BRIDGE");
        Docker["portMappings"]!.AsArray()
            .Select(mapping => ((int)mapping!["containerPort"]!, (int)mapping["hostPort"]!, mapping["protocol"]!.ToString()))
            .ShouldBe([(8080, 0, "tcp"), (5000, 5000, "tcp")]);
    }

    [Fact]
    public void Sees_the_folders_of_the_host_that_name_zookeeper_and_can_write_none() =>
        _app["container"]!["volumes"]!.AsArray()
            .Select(volume => (volume!["containerPath"]!.ToString(), volume["hostPath"]!.ToString(), volume["mode"]!.ToString()))
            .ShouldBe([("/etc/mesos", "/etc/mesos", "RO"), ("/opt/mesosphere", "/opt/mesosphere", "RO")]);

    [Fact]
    public void Is_checked_at_the_port_of_the_host()
    {
        var check = _app["healthChecks"]!.AsArray().Single()!;

        check["path"]!.ToString().ShouldBe("/health");
        ((int)Docker["portMappings"]![(int)check["portIndex"]!]!["containerPort"]!).ShouldBe(5000);
    }

    [Fact]
    public void Is_confined_as_docker_is_asked_to_confine_it()
    {
        var parameters = Docker["parameters"]!.AsArray().Select(parameter => $"{parameter!["key"]}={parameter["value"]}").ToList();

        parameters.ShouldContain("read-only=true");
        parameters.ShouldContain("cap-drop=ALL");
        parameters.ShouldContain("security-opt=no-new-privileges");
        ((bool)Docker["privileged"]!).ShouldBeFalse();
    }

    [Fact]
    public void Makes_room_for_the_next_on_a_port_that_only_one_can_have_and_leaves_runs_the_time_to_end()
    {
        ((int)_app["upgradeStrategy"]!["minimumHealthCapacity"]!).ShouldBe(0);
        ((int)_app["upgradeStrategy"]!["maximumOverCapacity"]!).ShouldBe(0);
        ((int)_app["taskKillGracePeriodSeconds"]!).ShouldBeGreaterThanOrEqualTo(30);
    }

    [Fact]
    public void Asks_for_the_same_as_the_container_definition()
    {
        var definition = DeployFolder.Yaml(DeployFolder.Definition);

        foreach (var key in new[] { "cpus", "mem", "constraints" })
            JsonNode.DeepEquals(_app[key], definition["verbatim"]![key]).ShouldBeTrue(key);

        Docker["image"]!.ToString().ShouldBe(definition["image"]!.ToString());
    }
}
