using System.Text.Json.Nodes;

namespace Servo.Deploy.Tests;

public sealed class ComposeTests
{
    private readonly JsonNode _service = DeployFolder.Yaml(DeployFolder.Compose)["services"]!["servo"]!;

    [Fact]
    public void Builds_the_dockerfile_from_the_root_of_the_checkout()
    {
        var folder = Path.GetDirectoryName(DeployFolder.PathOf(DeployFolder.Compose))!;
        var context = Path.GetFullPath(Path.Join(folder, _service["build"]!["context"]!.ToString()));

        File.Exists(Path.Join(context, "Servo.sln")).ShouldBeTrue(context);
        Path.Join(context, _service["build"]!["dockerfile"]!.ToString()).ShouldBe(DeployFolder.PathOf("Dockerfile"));
        _service["image"]!.ToString().ShouldBe($"servo:{DeployFolder.Version}");
    }

    [Fact]
    public void Does_not_start_without_a_token_and_has_none_itself() =>
        _service["environment"]!["Servo__Token"]!.ToString().ShouldStartWith("${SERVO_TOKEN:?");

    [Fact]
    public void Is_confined()
    {
        ((bool)_service["read_only"]!).ShouldBeTrue();
        _service["cap_drop"].Strings().ShouldBe(["ALL"]);
        _service["security_opt"].Strings().ShouldBe(["no-new-privileges:true"]);
        _service["privileged"].ShouldBeNull();
        _service["volumes"].Strings().ShouldBe([$"state:{DeployFolder.StateRoot}"]);
        ((int)_service["pids_limit"]!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Is_reached_from_its_own_machine_only_unless_told_otherwise() =>
        _service["ports"].Strings().ShouldBe(["${SERVO_LISTEN:-127.0.0.1}:5000:5000"]);

    [Fact]
    public void Is_checked_as_the_image_checks_itself_and_leaves_runs_the_time_to_end()
    {
        var command = new Dockerfile().Image.Single(instruction => instruction.Name == "HEALTHCHECK").Text;

        JsonNode.Parse(command[command.IndexOf('[', StringComparison.Ordinal)..]).Strings().ShouldBe(_service["healthcheck"]!["test"].Strings().Skip(1));
        int.Parse(_service["stop_grace_period"]!.ToString().TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(30);
    }
}
