using System.Globalization;

namespace Servo.Infrastructure.Tests.Sandboxing;

/// <summary>The workspace of another run, which attackers know the path of.</summary>
public sealed class WorkspaceOfAnotherRunTests : AttackTests
{
    private protected override IEnumerable<Attack> Attacks(Neighbourhood there)
    {
        var (bundle, own) = (there.Other.BundleDirectory, there.Own.BundleDirectory);
        var secret = Path.Join(bundle, "secret");

        return
        [
            new("list", there.Runtime.Runs),
            new("list", bundle),
            new("read", secret),
            new("write", secret),
            new("truncate", secret),
            new("create", Path.Join(bundle, "sitecustomize.py")),
            new("folder", Path.Join(there.Other.HomeDirectory, ".ssh")),
            new("bind", Path.Join(there.Other.TemporaryDirectory, "agent")),
            new("link", secret, Path.Join(own, "hard")),
            new("symlink", secret, Path.Join(own, "soft")),
            new("symlink", Path.Join("../..", Path.GetRelativePath(there.Runtime.Runs, secret)), Path.Join(own, "softer")),
            new("rename", secret, Path.Join(own, "taken")),
            new("rename", Path.Join(own, "attacks.json"), secret),
            new("remove", secret),
            new("rename", there.Other.TemporaryDirectory, Path.Join(own, "tmp")),
        ];
    }
}

/// <summary>The script of another run: its environment, memory, files and life.</summary>
public sealed class ProcessOfAnotherRunTests : AttackTests
{
    private protected override IEnumerable<Attack> Attacks(Neighbourhood there) =>
    [
        .. ProcessAttacks.On(there.Process),
        new("read", $"/proc/{there.Process}/cwd/secret"),
        new("connect", there.Socket),
    ];
}

/// <summary>What the gateway keeps: runs, logs, the audit record, and the file with its token.</summary>
public sealed class StateTests : AttackTests
{
    private protected override IEnumerable<Attack> Attacks(Neighbourhood there)
    {
        var (state, own) = (there.State, there.Own.BundleDirectory);

        return
        [
            new("list", state.Path),
            new("list", state.Logs),
            new("read", state.Database),
            new("write", state.Database),
            new("create", Path.Join(state.Audit, "2026-01-01.jsonl")),
            new("link", state.Database, Path.Join(own, "hard.db")),
            new("symlink", state.Database, Path.Join(own, "soft.db")),
            new("read", there.TokenFile),
            new("write", there.TokenFile),
            new("link", there.TokenFile, Path.Join(own, "token")),
            new("rename", state.Bundles, Path.Join(own, "bundles")),
            new("rename", Path.GetDirectoryName(there.TokenFile)!, Path.Join(own, "etc")),
            new("rename", state.Path, state.Path + ".moved"),
        ];
    }
}

/// <summary>The gateway's runtime directory, with the scripts' package and the socket that their commands go to.</summary>
public sealed class RuntimeDirectoryTests : AttackTests
{
    private protected override IEnumerable<Attack> Attacks(Neighbourhood there)
    {
        var (runtime, own) = (there.Runtime, there.Own.BundleDirectory);

        return
        [
            new("list", runtime.Path),
            new("read", Path.Join(runtime.Path, "lock")),
            new("list", runtime.Spool),
            new("create", Path.Join(runtime.Spool, "spooled")),
            new("create", Path.Join(runtime.Path, "supervision/site.py")),
            new("write", Path.Join(runtime.Path, "supervision/supervisor.py")),
            new("create", Path.Join(runtime.Python, "sitecustomize.py")),
            new("create", Path.Join(runtime.Python, "servo/extra.py")),
            new("write", Path.Join(runtime.Python, "servo/__init__.py")),
            new("rename", Path.Join(runtime.Python, "servo/_portal.py"), Path.Join(own, "_portal.py")),
            new("remove", Path.Join(runtime.Python, "servo/_uploads.py")),
            new("bind", runtime.PortalSocket),
            new("remove", Path.Join(runtime.Path, "supervision/warm.py")),
            // By names in its workspace the host writes what comes by callbacks.
            new("symlink", "/etc/passwd", Path.Join(own, "../link")),
            new("rename", Path.Join(own, "../scratch"), Path.Join(own, "scratch")),
            new("rename", own, own + ".moved"),
            new("rename", Path.GetDirectoryName(own)!, Path.GetDirectoryName(own) + ".moved"),
            new("rename", runtime.Runs, runtime.Runs + ".moved"),
        ];
    }
}

/// <summary>The processes above a script: its supervisor, the fork server, and the host.</summary>
public sealed class ProcessAboveTests : AttackTests
{
    private protected override IEnumerable<Attack> Attacks(Neighbourhood there) =>
        new[] { "$supervisor", "$forkserver", Environment.ProcessId.ToString(CultureInfo.InvariantCulture) }.SelectMany(ProcessAttacks.On);
}

/// <summary>What can be tried on a process.</summary>
internal static class ProcessAttacks
{
    /// <summary>Signals that change nothing need the same right as those that kill.</summary>
    public static IEnumerable<Attack> On(string process) =>
    [
        new("kill", process, "0"),
        new("kill", process, "18"),
        new("read", $"/proc/{process}/environ"),
        new("read", $"/proc/{process}/maps"),
        new("write", $"/proc/{process}/mem"),
        new("read", $"/proc/{process}/root/etc/passwd"),
        new("list", $"/proc/{process}/cwd"),
        new("write", $"/proc/{process}/fd/2"),
        new("trace", process),
    ];
}
