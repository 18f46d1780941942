using System.Text.Json.Serialization;

namespace Servo.Infrastructure.Scripts;

/// <summary>One line on the supervisor's standard input.</summary>
internal sealed record SupervisorRequest(string Mark, string Directory, string[] Arguments, IReadOnlyDictionary<string, string> Environment);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SupervisorRequest))]
internal sealed partial class SupervisorJson : JsonSerializerContext;
