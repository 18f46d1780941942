using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Servo.Testing;
using YamlDotNet.Serialization;

namespace Servo.Deploy.Tests;

/// <summary>The files of <c>deploy/</c> in this checkout.</summary>
internal static partial class DeployFolder
{
    public const string Compose = "docker-compose.yml";
    public const string Definition = "ochothon/servo.yml";
    public const string Marathon = "marathon/servo.json";
    public const string WorkspaceRoot = "/var/lib/servo";
    public const string StateRoot = "/var/lib/servo-state";
    public const int User = 10001;

    /// <summary>What version this checkout is of.</summary>
    public static string Version => VersionElement().Match(File.ReadAllText(Path.Join(Repository.Root, "Directory.Build.props"))).Groups[1].Value;

    public static string PathOf(string file) => Path.Join(Repository.Root, "deploy", file);

    public static string Text(string file) => File.ReadAllText(PathOf(file));

    public static JsonNode Json(string file) => JsonNode.Parse(Text(file))!;

    /// <summary>A YAML file as JSON; refuses a key that comes twice.</summary>
    public static JsonNode Yaml(string file)
    {
        var reader = new DeserializerBuilder().WithDuplicateKeyChecking().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();

        return JsonNode.Parse(writer.Serialize(reader.Deserialize<object>(Text(file))))!;
    }

    public static IReadOnlyList<string> Strings(this JsonNode? list) => [.. list!.AsArray().Select(item => item!.ToString())];

    [GeneratedRegex("<VersionPrefix>(.+)</VersionPrefix>")]
    private static partial Regex VersionElement();
}
