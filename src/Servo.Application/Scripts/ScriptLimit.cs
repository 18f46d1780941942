using Servo.Domain.Runs;

namespace Servo.Application.Scripts;

/// <summary>A limit of what a script may use, each of its processes or its run.</summary>
/// <param name="Resource">What is limited.</param>
/// <param name="Key">The key of its setting.</param>
/// <param name="Value">The setting's value: seconds, bytes, or a number of files or processes.</param>
public sealed record ScriptLimit(LimitedResource Resource, string Key, long Value)
{
    /// <summary>The limits that are set.</summary>
    public static IReadOnlyList<ScriptLimit> Of(ScriptOptions options)
    {
        (LimitedResource Resource, string Key, long? Value)[] all =
        [
            (LimitedResource.CpuTime, ScriptOptions.MaxCpuTimeKey, (long?)options.MaxCpuTime?.TotalSeconds),
            (LimitedResource.AddressSpace, ScriptOptions.MaxAddressSpaceKey, options.MaxAddressSpace),
            (LimitedResource.Memory, ScriptOptions.MaxMemoryBytesKey, options.MaxMemoryBytes),
            (LimitedResource.FileBytes, ScriptOptions.MaxFileBytesKey, options.MaxFileBytes),
            (LimitedResource.OpenFiles, ScriptOptions.MaxOpenFilesKey, options.MaxOpenFiles),
            (LimitedResource.Processes, ScriptOptions.MaxProcessesKey, options.MaxProcesses),
            (LimitedResource.WorkspaceBytes, ScriptOptions.MaxWorkspaceBytesKey, options.MaxWorkspaceBytes),
        ];

        return [.. from limit in all where limit.Value.HasValue select new ScriptLimit(limit.Resource, limit.Key, limit.Value.GetValueOrDefault())];
    }

    /// <summary>The failure of a script that ended with this exit code as it reached the limit.</summary>
    public RunFailure FailureOf(string script, int exitCode) => Resource switch
    {
        LimitedResource.CpuTime => new RunFailure.CpuTime(script, exitCode, $"{Key}={Value}"),
        LimitedResource.AddressSpace or LimitedResource.Memory => new RunFailure.OutOfMemory(script, exitCode, $"{Key}={Value}"),
        LimitedResource.FileBytes => new RunFailure.FileTooLarge(script, exitCode, $"{Key}={Value}"),
        LimitedResource.Processes => new RunFailure.TooManyProcesses(script, exitCode, $"{Key}={Value}"),
        LimitedResource.WorkspaceBytes => new RunFailure.WorkspaceTooLarge(script, $"{Key}={Value}"),
        _ => new RunFailure.TooManyOpenFiles(script, exitCode, $"{Key}={Value}"),
    };
}

/// <summary>What can be limited: of a process (getrlimit(2)), or of a run.</summary>
public enum LimitedResource
{
    /// <summary>Time that it keeps a processor busy, in seconds.</summary>
    CpuTime,

    /// <summary>Address space in bytes.</summary>
    AddressSpace,

    /// <summary>Bytes of a file that it writes.</summary>
    FileBytes,

    /// <summary>Files that it has open.</summary>
    OpenFiles,

    /// <summary>Processes and threads of its run.</summary>
    Processes,

    /// <summary>Bytes of memory that its run uses (cgroups(7)).</summary>
    Memory,

    /// <summary>Bytes that the files of its run take on the disk.</summary>
    WorkspaceBytes,
}
