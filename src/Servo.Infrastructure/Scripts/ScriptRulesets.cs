using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>Landlock's rules for scripts, by what is there when one starts: what all may reach, and the run's own workspace.</summary>
internal sealed class ScriptRulesets : IDisposable
{
    private readonly RuntimeDirectory _runtime;
    private readonly int _version;
    private readonly ushort[]? _ports;
    private readonly ulong _all;
    private readonly KeptRulesets _kept = new();

    /// <param name="runtime">What the workspaces are in.</param>
    /// <param name="version">Landlock's.</param>
    /// <param name="ports">Those that scripts connect to; <see langword="null"/> where they connect to all, and root may make devices.</param>
    public ScriptRulesets(RuntimeDirectory runtime, int version, ushort[]? ports)
    {
        (_runtime, _version, _ports) = (runtime, version, ports);
        _all = ports is null ? FileRights.All(version) : FileRights.AllButDevices(version);
        runtime.WorkspaceDeleted += _kept.Return;
    }

    /// <summary>Tells of all that a script may reach but its workspace and the package <c>servo</c>, and returns what was looked at for that.</summary>
    internal delegate Survey Visit(PlaceVisitor allow);

    /// <inheritdoc/>
    public void Dispose()
    {
        _runtime.WorkspaceDeleted -= _kept.Return;
        _kept.Dispose();
    }

    /// <summary>The rules of the run with this workspace, which are kept for its later scripts and for later runs. Which programs they allow is part of them.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    public SafeFileHandle Take(string workspace, string programs, Visit visit) =>
        _kept.Take(workspace, programs, (out Survey survey) => Make(visit, out survey), ruleset => AllowWorkspace(ruleset, workspace));

    /// <summary>Makes rules that are the caller's; without any for a workspace.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    public SafeFileHandle Make(Visit visit, out Survey survey)
    {
        var ruleset = Landlock.MakeRuleset(_version, deniesFiles: true, deniesConnections: _ports is not null);

        try
        {
            survey = visit((place, mayWrite) => TryAllow(ruleset, place, mayWrite ? _all : FileRights.Read));
            AllowPorts(ruleset);

            using var package = FileCalls.Open(_runtime.Python, FileCalls.FolderOnly | FileCalls.PathOnly, 0);
            return TryAllow(ruleset, package, FileRights.Read) ? ruleset : throw Gone();
        }
        catch
        {
            ruleset.Dispose();
            throw;
        }
    }

    /// <summary>Makes rules for what namespaces do not close: ports of the host's network, and abstract sockets in it.</summary>
    /// <exception cref="IOException">They cannot be made.</exception>
    public SafeFileHandle MakeForPorts()
    {
        var ruleset = Landlock.MakeRuleset(_version, deniesFiles: false, deniesConnections: true);
        AllowPorts(ruleset);
        return ruleset;
    }

    private void AllowPorts(SafeFileHandle ruleset)
    {
        foreach (var port in _ports ?? [])
            Landlock.AllowConnections(ruleset, port);
    }

    /// <summary>Allows a run's own folders, by descriptors: whatever has the workspace's name, it is the one that was made.</summary>
    private void AllowWorkspace(SafeFileHandle ruleset, string path)
    {
        using var workspace = _runtime.RunsFolder.OpenAsItIs(OpenFolder.Name(Path.GetFileName(path)));

        if (workspace is null
            || !TryAllow(ruleset, workspace, ".", FileRights.Read)
            || !RuntimeDirectory.FoldersOfScripts.All(name => TryAllow(ruleset, workspace, name, _all)))
            throw Gone();
    }

    private static bool TryAllow(SafeFileHandle ruleset, OpenFolder folder, string name, ulong rights)
    {
        using var place = folder.Place(OpenFolder.Name(name));
        return TryAllow(ruleset, place, rights);
    }

    /// <summary>What is gone meanwhile, or has no place among the folders, stays out of reach.</summary>
    private static bool TryAllow(SafeFileHandle ruleset, SafeFileHandle place, ulong rights) =>
        !place.IsInvalid && (Landlock.TryAllow(ruleset, place, rights) || Landlock.TryAllow(ruleset, place, FileRights.OfFile(rights)));

    private IOException Gone() => new($"the run's files in '{_runtime.Path}' are gone.");
}
