using System.Text.RegularExpressions;
using Servo.Testing;

namespace Servo.Deploy.Tests;

/// <summary>What the files set is what the host has.</summary>
public sealed partial class SettingsTests
{
    public static TheoryData<string> Deployments => [DeployFolder.Compose, DeployFolder.Marathon, "kubernetes/deployment.yaml"];

    /// <summary>The host refuses a key that it does not know and a value that it cannot read, so that it starts is the proof.</summary>
    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task The_host_starts_with_exactly_these_settings_and_answers_every_probe(string file)
    {
        // The place for runs and the interpreter are those of this machine; the address is given on the command line, which counts more.
        var settings = EnvironmentOf(file).Where(variable => variable.Key is not ("Servo__Workspace__Root" or "Servo__State__Root" or "Servo__Scripts__Python")).ToList();
        settings.ShouldContain(variable => variable.Key.StartsWith("Servo__", StringComparison.Ordinal));

        await using var gateway = await Gateway.StartAsync([.. settings.Select(variable => (variable.Key, variable.Value))]);
        using var http = new HttpClient();

        foreach (var path in new[] { "/health", "/ready" })
            ((int)(await http.GetAsync($"{gateway.Url}{path}", TestContext.Current.CancellationToken)).StatusCode).ShouldBe(200, path);

        var answer = await Upload.RunAsync(gateway, "a.py", ("a.py", "print('ran')"));
        answer["log"].Strings().ShouldContain("ran");
        gateway.Log.ShouldNotContain("Servo token");
    }

    [Fact]
    public void A_callback_reaches_the_pod_of_its_run() =>
        KubernetesManifests.Container.Env.Single(variable => variable.Name == "Servo__PublicUrl").Value.ShouldBe("http://$(POD_IP):5000");

    /// <summary>What is in memory must fit: the uploads of all places, and the unpacked archives and logs of the runs that execute.</summary>
    [Theory]
    [MemberData(nameof(Deployments))]
    public void The_workspace_has_room_for_all_that_the_limits_allow_and_the_host_for_itself(string file)
    {
        const long ForTheHost = 256 * Mebi;
        var settings = EnvironmentOf(file);
        var (workspace, temporary, memory) = MemoryOf(file);
        var concurrent = Setting("Runs__MaxConcurrent");
        var places = concurrent + Setting("Runs__MaxQueued");

        ((places * Setting("Uploads__MaxBytes")) + (concurrent * (Setting("Archives__MaxBytes") + Setting("Output__MaxBytes"))))
            .ShouldBeLessThanOrEqualTo(workspace);
        (workspace + temporary + ForTheHost).ShouldBeLessThanOrEqualTo(memory);

        long Setting(string name) => long.Parse(settings[$"Servo__{name}"], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(DeployFolder.Compose)]
    [InlineData(DeployFolder.Marathon)]
    public void The_workspace_belongs_to_the_user_alone_and_takes_executable_files(string file)
    {
        var options = TmpfsOf(file).Single(line => line.StartsWith($"{DeployFolder.WorkspaceRoot}:", StringComparison.Ordinal)).Split(':')[1].Split(',');

        // Docker mounts a tmpfs noexec unless it is told otherwise.
        options.ShouldContain("exec");
        options.ShouldContain("mode=0700");
        options.ShouldContain($"uid={DeployFolder.User}");
        options.ShouldContain($"gid={DeployFolder.User}");
    }

    private const long Mebi = 1024 * 1024;

    /// <summary>The environment of the container: the image's own and what the file adds, a token where it names none.</summary>
    private static Dictionary<string, string> EnvironmentOf(string file)
    {
        var environment = new Dictionary<string, string>(new Dockerfile().Environment);

        if (file == DeployFolder.Compose)
            foreach (var (name, value) in DeployFolder.Yaml(file)["services"]!["servo"]!["environment"]!.AsObject())
                environment[name] = Substitution()
                    .Replace(value!.ToString(), match => match.Groups["must"].Success ? Gateway.Token : match.Groups["default"].Value);
        else if (file == DeployFolder.Marathon)
            // The variables of a pod turn the pod's side on, which is another test's matter.
            foreach (var (name, value) in DeployFolder.Json(file)["env"]!.AsObject().Where(variable => variable.Key.StartsWith("Servo__", StringComparison.Ordinal)))
                environment[name] = value!.ToString();
        else
            foreach (var variable in KubernetesManifests.Container.Env)
                environment[variable.Name] = variable.Value?.Replace("$(POD_IP)", "127.0.0.1", StringComparison.Ordinal)
                    ?? (variable.ValueFrom.FieldRef is null ? Gateway.Token : "127.0.0.1");

        return environment;
    }

    private static (long Workspace, long Temporary, long Memory) MemoryOf(string file)
    {
        if (file == "kubernetes/deployment.yaml")
            return (
                KubernetesManifests.Pod.Volumes[0].EmptyDir.SizeLimit.ToInt64(),
                KubernetesManifests.Pod.Volumes[1].EmptyDir.SizeLimit.ToInt64(),
                KubernetesManifests.Container.Resources.Limits["memory"].ToInt64());

        var sizes = TmpfsOf(file).Select(line => Bytes(Size().Match(line).Groups[1].Value)).ToList();
        var memory = file == DeployFolder.Compose
            ? Bytes(DeployFolder.Yaml(file)["services"]!["servo"]!["mem_limit"]!.ToString())
            : (long)DeployFolder.Json(file)["mem"]! * Mebi;

        return (sizes[0], sizes[1], memory);
    }

    private static IReadOnlyList<string> TmpfsOf(string file) => file == DeployFolder.Compose
        ? DeployFolder.Yaml(file)["services"]!["servo"]!["tmpfs"].Strings()
        : [.. DeployFolder.Json(file)["container"]!["docker"]!["parameters"]!.AsArray().Where(parameter => parameter!["key"]!.ToString() == "tmpfs").Select(parameter => parameter!["value"]!.ToString())];

    private static long Bytes(string size) => long.Parse(size[..^1], System.Globalization.CultureInfo.InvariantCulture) * size[^1] switch
    {
        'm' => Mebi,
        'g' => 1024 * Mebi,
        var unit => throw new FormatException($"'{unit}' is no unit that these files use."),
    };

    [GeneratedRegex(@"\$\{\w+:(?:(?<must>\?)[^}]*|-(?<default>[^}]*))\}")]
    private static partial Regex Substitution();

    [GeneratedRegex("size=([0-9]+[mg])")]
    private static partial Regex Size();
}
