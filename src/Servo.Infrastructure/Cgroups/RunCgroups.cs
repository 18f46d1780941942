using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Cgroups;

/// <summary>Gives each run a cgroup of its own in <see cref="ScriptOptions.Cgroup"/>, if that is set, and removes it with the run's workspace.</summary>
public sealed partial class RunCgroups : IDisposable
{
    private readonly RuntimeDirectory _runtime;
    private readonly CgroupLimits? _limits;
    private readonly CgroupFolder? _folder;
    private readonly ConcurrentDictionary<string, RunCgroup> _cgroups = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _left = new();

    /// <summary>Takes the folder, if one is set.</summary>
    /// <exception cref="InterpreterException">It cannot be used.</exception>
    public RunCgroups(IOptions<ScriptOptions> options, RuntimeDirectory runtime, ILogger<RunCgroups> logger)
    {
        _runtime = runtime;

        if (options.Value.Cgroup is not { } path)
            return;

        _limits = new CgroupLimits(options.Value, runtime.Path);
        _folder = CgroupFolder.Take(path, _limits);
        runtime.WorkspaceLeft += Remove;
        Log.Used(logger, path, string.Join(", ", _limits.Controllers.DefaultIfEmpty("none")));

        if (options.Value.Users is null && (options.Value.Sandbox == ScriptSandbox.None || Landlock.Version < Landlock.LeastVersion))
            Log.CanBeLeft(logger);
    }

    /// <summary>What cannot be done here of the settings, in sentences that begin with a key; tried. Call it once, at the start.</summary>
    public static IEnumerable<string> Problems(ScriptOptions options, WorkspaceOptions workspaces)
    {
        if (options.Cgroup is not { } path)
            return [];

        try
        {
            CgroupFolder.Take(path, new CgroupLimits(options, RuntimeDirectory.RootOf(workspaces))).Dispose();
            return CallFilter.IsAvailable ? [] : [$"{ScriptOptions.CgroupKey} needs filters of system calls (seccomp) on x86-64 or arm64: remove it."];
        }
        catch (InterpreterException e)
        {
            return [e.Message];
        }
    }

    /// <summary>What no script in a sandbox may change, so that each stays in its cgroup.</summary>
    internal IEnumerable<HiddenPlace> Places =>
        _folder is null ? [] : MountTable.PathsOf("cgroup2").Append(_folder.Path).Select(path => new HiddenPlace(path) { IsReadable = true });

    /// <summary>
    /// The cgroup of the run that a folder belongs to, or of one script where it belongs to none; <see langword="null"/> where runs have none.
    /// </summary>
    /// <exception cref="InterpreterException">It cannot be made.</exception>
    internal RunCgroup? Take(string workingDirectory)
    {
        if (_folder is null)
            return null;

        if (_runtime.WorkspaceOf(workingDirectory) is not { } workspace)
            return Make(Remove);

        // The scripts of a run come one after another.
        return _cgroups.TryGetValue(workspace, out var known) ? known : _cgroups[workspace] = Make(whenDone: null);
    }

    /// <summary>Makes sure that a run would get a cgroup, and removes what could not be removed earlier.</summary>
    /// <exception cref="InterpreterException">None can be made.</exception>
    internal void Probe()
    {
        if (_folder is not null)
            Remove(Make(whenDone: null));
    }

    /// <summary>Removes what is left, and gives the folder back.</summary>
    public void Dispose()
    {
        _runtime.WorkspaceLeft -= Remove;

        foreach (var workspace in _cgroups.Keys)
            Remove(workspace);

        RemoveLeft();
        _folder?.Dispose();
    }

    private RunCgroup Make(Action<RunCgroup>? whenDone) => _folder!.Make(_limits!, whenDone);

    private void Remove(string workspace)
    {
        if (_cgroups.TryRemove(workspace, out var cgroup))
            Remove(cgroup);
    }

    /// <summary>Removes it, and those before it that could not be removed when their run had ended.</summary>
    private void Remove(RunCgroup cgroup)
    {
        cgroup.Close();
        _left.Enqueue(cgroup.Path);
        RemoveLeft();
    }

    private void RemoveLeft()
    {
        for (var tries = _left.Count; tries > 0 && _left.TryDequeue(out var path); tries--)
        {
            if (!RunCgroup.TryRemove(path))
                _left.Enqueue(path);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Each run has a cgroup of its own in {Folder}; limited by controller: {Controllers}")]
        public static partial void Used(ILogger logger, string folder, string controllers);

        [LoggerMessage(2, LogLevel.Warning,
            "Scripts can leave their run's cgroup, and with that its limits, as they are in no sandbox: "
            + "set " + ScriptOptions.SandboxKey + " or " + ScriptOptions.UsersKey)]
        public static partial void CanBeLeft(ILogger logger);
    }
}
