using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Deploy.Tests;

public sealed partial class DockerfileTests
{
    private static readonly Version OldestRuntime = new(10, 0, 9);

    private readonly Dockerfile _dockerfile = new();

    [Fact]
    public void Pins_both_base_images_to_a_patch_release_on_the_same_distribution()
    {
        var bases = _dockerfile.Stages.Select(stage => PinnedBase().Match(stage[0].Text)).ToList();

        bases.ShouldAllBe(match => match.Success);
        bases.Select(match => match.Groups["repository"].Value).ShouldBe(["sdk", "aspnet"]);
        bases.Select(match => match.Groups["distribution"].Value).Distinct().ShouldHaveSingleItem().ShouldBe("noble");
    }

    [Fact]
    public void Has_a_runtime_without_the_known_hole_in_the_tar_reader()
    {
        var runtime = Version.Parse(PinnedBase().Match(_dockerfile.Image[0].Text).Groups["version"].Value);

        runtime.ShouldBeGreaterThanOrEqualTo(OldestRuntime);
    }

    [Fact]
    public void Has_an_sdk_that_the_checkout_accepts()
    {
        var sdk = JsonNode.Parse(File.ReadAllText(Path.Join(Repository.Root, "global.json")))!["sdk"]!;
        var pinned = Version.Parse(PinnedBase().Match(_dockerfile.Stages[0][0].Text).Groups["version"].Value);

        sdk["rollForward"]!.ToString().ShouldBe("latestFeature");
        pinned.ShouldBeGreaterThanOrEqualTo(Version.Parse(sdk["version"]!.ToString()));
        (pinned.Major, pinned.Minor).ShouldBe((10, 0));
    }

    [Fact]
    public void Copies_only_what_the_checkout_has_and_the_build_sees()
    {
        _dockerfile.Sources.ShouldNotBeEmpty();

        foreach (var source in _dockerfile.Sources)
        {
            Path.Exists(Path.Join(Repository.Root, source)).ShouldBeTrue(source);
            Dockerfile.IsInContext(source).ShouldBeTrue(source);
        }
    }

    [Fact]
    public void Restores_by_the_lock_files_before_any_source_is_copied()
    {
        var build = _dockerfile.Stages[0];
        var restore = build.FindIndex(instruction => instruction is { Name: "RUN", Text: "dotnet restore src/Servo.WebHost --locked-mode" });
        var copied = build.Take(restore).Where(instruction => instruction.Name == "COPY").SelectMany(instruction => instruction.Words[..^1]).ToList();

        foreach (var project in ProjectsOf("Servo.WebHost"))
            copied.ShouldSatisfyAllConditions(
                files => files.ShouldContain($"src/{project}/{project}.csproj"),
                files => files.ShouldContain($"src/{project}/packages.lock.json"));

        copied.ShouldContain("Directory.Packages.props");
        copied.ShouldNotContain("src/");
        build.Skip(restore).ShouldContain(
            instruction => instruction.Text.Contains("dotnet publish src/Servo.WebHost -c Release --no-restore", StringComparison.Ordinal));
    }

    [Fact]
    public void Installs_what_scripts_need_and_nothing_else()
    {
        var install = InstalledPackages()
            .Match(_dockerfile.Image.Single(instruction => instruction.Text.StartsWith("apt-get update", StringComparison.Ordinal)).Text);

        install.Groups["packages"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
            ["curl", "openssl", "python3", "python3-requests", "python3-yaml"]);
    }

    [Fact]
    public void Runs_as_a_user_of_its_own_given_by_number_so_that_an_orchestrator_can_check_it()
    {
        _dockerfile.Image.Single(instruction => instruction.Name == "USER").Text.ShouldBe($"{DeployFolder.User}:{DeployFolder.User}");
        _dockerfile.Image.ShouldContain(instruction => instruction.Text.Contains($"install -d -m 0700 -o {DeployFolder.User} -g {DeployFolder.User} {DeployFolder.WorkspaceRoot}", StringComparison.Ordinal));

        // Whatever comes after USER must not be a step of the build: it would run as that user, and what comes before must not be owned by it.
        _dockerfile.Image.SkipWhile(instruction => instruction.Name != "USER").ShouldNotContain(
            instruction => instruction.Name == "RUN" || instruction.Name == "COPY");
        _dockerfile.Stages.SelectMany(stage => stage).ShouldNotContain(instruction => instruction.Text.Contains("--chown", StringComparison.Ordinal));
    }

    [Fact]
    public void Starts_the_host_without_a_shell_on_port_5000_and_asks_it_for_its_health()
    {
        var image = _dockerfile.Image;

        image.Single(instruction => instruction.Name == "ENTRYPOINT").Text.ShouldBe("""["dotnet", "Servo.WebHost.dll"]""");
        image.Single(instruction => instruction.Name == "EXPOSE").Words.ShouldBe(["5000", "8080"]);
        image.Single(instruction => instruction.Name == "HEALTHCHECK").Text.ShouldEndWith("\"http://127.0.0.1:5000/health\"]");
        _dockerfile.Environment["ASPNETCORE_URLS"].ShouldBe("http://0.0.0.0:5000");
        _dockerfile.Environment["ASPNETCORE_HTTP_PORTS"].ShouldBeEmpty();
        _dockerfile.Environment["Servo__Workspace__Root"].ShouldBe(DeployFolder.WorkspaceRoot);
        _dockerfile.Environment["Servo__State__Root"].ShouldBe(DeployFolder.StateRoot);
    }

    private static IEnumerable<string> ProjectsOf(string project)
    {
        var text = File.ReadAllText(Path.Join(Repository.Root, $"src/{project}/{project}.csproj"));
        return ProjectReference().Matches(text).SelectMany(match => ProjectsOf(match.Groups[1].Value)).Append(project).Distinct();
    }

    [GeneratedRegex(@"^mcr\.microsoft\.com/dotnet/(?<repository>\w+):(?<version>\d+\.\d+\.\d+)-(?<distribution>\w+)(@sha256:[0-9a-f]{64})?( AS \w+)?$")]
    private static partial Regex PinnedBase();

    [GeneratedRegex("apt-get install -y --no-install-recommends (?<packages>[^&]+)&& rm -rf /var/lib/apt/lists/")]
    private static partial Regex InstalledPackages();

    [GeneratedRegex(@"ProjectReference Include=""\.\./[\w.]+/([\w.]+)\.csproj""")]
    private static partial Regex ProjectReference();
}
