namespace Servo.Domain.Runs;

/// <summary>What a script used of its machine, with all that it started and that has ended since.</summary>
/// <param name="Cpu">Time of processors, in user and kernel mode together.</param>
/// <param name="PeakMemory">The largest resident set of one of its processes, in bytes.</param>
/// <param name="WrittenBytes">What it wrote to disks, in bytes; what is kept in memory only, as on tmpfs, does not count.</param>
public sealed record ScriptUsage(TimeSpan Cpu, long PeakMemory, long WrittenBytes);
