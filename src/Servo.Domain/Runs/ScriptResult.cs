namespace Servo.Domain.Runs;

/// <summary>The result of a script that has ended.</summary>
/// <param name="Name">The name in the request.</param>
/// <param name="ExitCode">0 to 255; 128 + n where signal n ended it.</param>
/// <param name="Elapsed">From its start until nothing that it started lived on.</param>
/// <param name="Usage">What it used; <see langword="null"/> where that is not known.</param>
public sealed record ScriptResult(string Name, int ExitCode, TimeSpan Elapsed, ScriptUsage? Usage = null);
