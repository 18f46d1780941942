using System.Globalization;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Cgroups;

/// <summary>What the settings say of each run's cgroup, as the kernel's files take it (the kernel's documentation, "Control Group v2").</summary>
internal sealed class CgroupLimits
{
    private readonly List<Limit> _limits = [];

    /// <param name="options">The settings.</param>
    /// <param name="workspaces">The folder that the workspaces are in, whose disk is the one that is limited.</param>
    /// <exception cref="InterpreterException">That disk cannot be limited.</exception>
    public CgroupLimits(ScriptOptions options, string workspaces)
    {
        if (options.MaxMemoryBytes is { } memory)
        {
            Add("memory", "memory.max", memory, ScriptOptions.MaxMemoryBytesKey);
            // The run as a whole has used too much: what is left of it would go on without a part of itself.
            Add("memory", "memory.oom.group", 1, ScriptOptions.MaxMemoryBytesKey);
            _limits.Add(new Limit("memory", "memory.swap.max", "0", ScriptOptions.MaxMemoryBytesKey, IsOptional: true));
        }

        if (options.MaxProcesses is { } processes)
            Add("pids", "pids.max", processes, ScriptOptions.MaxProcessesKey);

        if (options.CpuWeight is { } weight)
            Add("cpu", "cpu.weight", weight, ScriptOptions.CpuWeightKey);

        if (options.IoWeight is { } ioWeight)
            Add("io", "io.weight", ioWeight, ScriptOptions.IoWeightKey);

        if (options.MaxIoBytesPerSecond is { } rate)
            _limits.Add(new Limit("io", "io.max", $"{DiskOf(workspaces)} rbps={rate} wbps={rate}", ScriptOptions.MaxIoBytesPerSecondKey));
    }

    /// <summary>The kernel's controllers that they need.</summary>
    public IEnumerable<string> Controllers => _limits.Select(limit => limit.Controller).Distinct();

    /// <summary>Writes them into a cgroup's files.</summary>
    /// <exception cref="InterpreterException">The kernel does not take one, which the message names.</exception>
    public void Apply(string cgroup)
    {
        foreach (var limit in _limits)
        {
            var path = Path.Join(cgroup, limit.File);

            // A kernel without swap has no file for it.
            if (limit.IsOptional && !File.Exists(path))
                continue;

            try
            {
                CgroupFile.Write(path, limit.Value);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InterpreterException($"{limit.Key}: the kernel takes no '{limit.Value}' for {limit.File} ({e.Message})", e);
            }
        }
    }

    private void Add(string controller, string file, long value, string key) =>
        _limits.Add(new Limit(controller, file, value.ToString(CultureInfo.InvariantCulture), key));

    /// <summary>The numbers of the disk that a folder is on: a part of a disk has no limits of its own.</summary>
    private static string DiskOf(string folder)
    {
        var device = FileCalls.ReadStatus(RealPath.Of(folder), out var status) ? $"{status.DeviceMajor}:{status.DeviceMinor}" : "0:0";
        var known = RealPath.Of($"/sys/dev/block/{device}");

        if (File.Exists(Path.Join(known, "partition")))
            known = Path.GetDirectoryName(known)!;

        return File.Exists(Path.Join(known, "dev"))
            ? File.ReadAllText(Path.Join(known, "dev")).Trim()
            : throw new InterpreterException(
                $"{ScriptOptions.MaxIoBytesPerSecondKey}: '{folder}' is on no disk that could be limited (device {device}): "
                + $"set {WorkspaceOptions.RootKey} to a folder on one.");
    }

    private sealed record Limit(string Controller, string File, string Value, string Key, bool IsOptional = false);
}
