using Servo.Testing;

namespace Servo.Deploy.Tests;

public sealed class ContainerDefinitionTests
{
    [Fact]
    public void Has_what_the_original_had()
    {
        var definition = DeployFolder.Yaml(DeployFolder.Definition);

        definition["cluster"]!.ToString().ShouldBe("servo");
        definition["ports"].Strings().ShouldBe(["5000 *"]);
        definition["settings"]!.AsObject().ShouldBeEmpty();
        ((double)definition["verbatim"]!["cpus"]!).ShouldBe(1.0);
        ((int)definition["verbatim"]!["mem"]!).ShouldBe(1024);
        definition["verbatim"]!["constraints"]!.ToJsonString().ShouldBe("""[["hostname","UNIQUE"]]""");
        definition.AsObject().Select(member => member.Key).ShouldBeSubsetOf(["cluster", "image", "start", "debug", "settings", "ports", "verbatim"]);
    }

    [Fact]
    public async Task Is_deployed_by_a_portal_with_its_port_fixed_and_the_control_port_added()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Portal__Mode", "Embedded"));
        var answer = await Upload.RunAsync(gateway, "deploy.py", ("servo.yml", DeployFolder.Text(DeployFolder.Definition)), ("deploy.py", """
            import json
            from servo import servo

            with servo() as proxy:
                print(json.dumps(proxy('deploy servo.yml')))  # the simulated cluster has one already
                print(json.dumps(proxy('grep *servo')['marathon.servo #1']['process']))
                print(json.dumps(proxy('port 5000 *servo')['marathon.servo #1']['ports']))
                print(json.dumps('marathon.servo #1' in proxy('port 8080 *servo')))
                print(proxy.text('log *servo'))
            """));

        answer["ok"]!.GetValue<bool>().ShouldBeTrue(answer.ToJsonString());
        var log = answer["log"].Strings().Where(line => !line.StartsWith('$')).ToList();
        log[..4].ShouldBe(["""{"servo.yml": {"ok": true, "up": [1]}}""", "\"running\"", "\"5000\"", "true"]);
        log.ShouldContain(line => line.Contains($"runs registry.example.com/servo:{DeployFolder.Version}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Takes_a_token_from_a_file_that_stays_out_of_git()
    {
        await using var gateway = await Gateway.StartAsync(("Servo__Portal__Mode", "Embedded"));
        var answer = await Upload.RunAsync(gateway, "deploy.py", ("servo.yml", DeployFolder.Text(DeployFolder.Definition)), ("secrets.yml", "marathon.servo:\n  token: swordfish\n"),
            ("deploy.py", "from servo import servo\nwith servo() as proxy:\n    print(proxy('deploy servo.yml -o secrets.yml'))\n"));

        answer["ok"]!.GetValue<bool>().ShouldBeTrue(answer.ToJsonString());
    }
}
