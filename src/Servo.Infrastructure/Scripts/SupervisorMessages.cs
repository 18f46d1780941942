using System.Text.Json.Serialization;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Scripts;

/// <summary>What a fork server says of itself once it is ready, a warm one with what it was made from; or why it is not (<paramref name="Cold"/>).</summary>
internal sealed record ForkServerReady(
    string Executable, string Version, string? Cold = null, Dictionary<string, long>? Folders = null, Dictionary<string, long>? Files = null);

/// <summary>What a supervisor says of itself once it is ready, or that the fork server has <paramref name="Retired"/> and forks none.</summary>
internal sealed record SupervisorReady(int Pid = 0, bool Retired = false);

/// <summary>The script that a supervisor is to run, as a user if there is one.</summary>
internal sealed record ScriptRequest(
    string Directory, string[] Arguments, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, long> Limits, uint? User);

/// <summary>Whether a supervisor has started the script, or <paramref name="Retired"/> without having started anything.</summary>
internal sealed record ScriptStarted(int Started = 0, bool Retired = false);

/// <summary>
/// How the script ended, once nothing of it lives on; <paramref name="Survived"/> says that something does, <paramref name="Retired"/> that the supervisor runs
/// no other.
/// </summary>
internal sealed record ScriptExited(int Code, bool Interrupted, bool Survived, bool Retired, double Cpu = 0, long Memory = 0, long Written = 0)
{
    // 3,000 years: more than any run, and what a duration can hold.
    private const double LongestCpu = 1e11;

    /// <summary>What it used, with all that it started.</summary>
    public ScriptUsage Usage => new(TimeSpan.FromSeconds(Math.Clamp(Cpu, 0, LongestCpu)), Memory, Written);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ForkServerReady))]
[JsonSerializable(typeof(SupervisorReady))]
[JsonSerializable(typeof(ScriptRequest))]
[JsonSerializable(typeof(ScriptStarted))]
[JsonSerializable(typeof(ScriptExited))]
internal sealed partial class SupervisorJson : JsonSerializerContext;
