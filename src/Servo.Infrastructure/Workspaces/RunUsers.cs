using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Processes;

namespace Servo.Infrastructure.Workspaces;

/// <summary>
/// Gives each run a user of its own, out of <see cref="ScriptOptions.Users"/>, and its files to that user. No run gets a user while anything of an earlier run is
/// left of that user, as far as it is looked for.
/// </summary>
public sealed partial class RunUsers
{
    private const uint Root = 0;

    // Where everybody may make files, and processes: what a run has left there is still its user's.
    private static readonly string[] _shared = ["/tmp", "/var/tmp", "/dev/shm", "/proc"];
    private static readonly string[] _systemV = ["/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg"];

    private readonly RuntimeDirectory _runtime;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, uint> _users = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Queue<uint> _free = new();
    private readonly HashSet<uint> _told = []; // that the log has told of
    private readonly UserRange? _range;
    private long _next;

    /// <summary>Where users are named, lets them pass to what scripts use.</summary>
    public RunUsers(IOptions<ScriptOptions> options, RuntimeDirectory runtime, ILogger<RunUsers> logger)
    {
        (_runtime, _logger) = (runtime, logger);

        if (options.Value.Users is not { } users || !UserRange.TryParse(users, out _range))
            return;

        _next = _range.First;
        runtime.LetOthersPass();
        runtime.WorkspaceDeleted += Return;
    }

    /// <summary>What this process or this machine cannot do of the settings, in sentences that begin with a key.</summary>
    public static IEnumerable<string> Problems(ScriptOptions options, AdmissionOptions runs, WorkspaceOptions workspaces)
    {
        if (options.Users is not { } users || !UserRange.TryParse(users, out var range))
            yield break;

        if (FileCalls.EffectiveUser() != Root)
            yield return $"{ScriptOptions.UsersKey} needs a host that runs as root, as only root gives files to others: run it as root, or remove the setting.";

        if (range.Count < runs.MaxConcurrent)
            yield return $"{ScriptOptions.UsersKey} has {range.Count} users, and {AdmissionOptions.MaxConcurrentKey} is {runs.MaxConcurrent}: "
                + "name at least as many.";

        if (KnownAccount(range) is { } account)
            yield return $"{ScriptOptions.UsersKey} has the user of '{account}' in it (/etc/passwd): name users that nobody else uses.";

        if (FirstShut(RuntimeDirectory.RootOf(workspaces)) is { } shut)
            yield return $"{ScriptOptions.UsersKey} needs a {WorkspaceOptions.RootKey} that every user can pass to, which '{shut}' does not allow: "
                + "name another folder, or give that one the mode 0711.";
    }

    /// <summary>
    /// The user of the run that a folder belongs to, who has got the run's files by then; <see langword="null"/> where scripts have the host's own.
    /// </summary>
    /// <exception cref="InterpreterException">No user is free, or a file could not be given away.</exception>
    internal uint? Give(string workingDirectory)
    {
        if (_range is null || _runtime.WorkspaceOf(workingDirectory) is not { } workspace)
            return null;

        if (_users.TryGetValue(workspace, out var known))
            return known;

        var user = Take() ?? throw new InterpreterException(
            $"No user is free for the run, as files of earlier ones are left: name more in {ScriptOptions.UsersKey}.");
        _users[workspace] = user;

        try
        {
            // The workspace itself stays the host's, so that no script moves what is in it.
            FileCalls.ChangeMode(workspace, RuntimeDirectory.Passable);

            foreach (var folder in RuntimeDirectory.FoldersOfScripts)
                GiveAll(Path.Join(workspace, folder), user);

            return user;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterpreterException($"The run's files cannot be given to its user: {e.Message}", e);
        }
    }

    /// <summary>Gives a file that the host has made for a run to the run's user.</summary>
    /// <exception cref="IOException">It could not be given away.</exception>
    internal void GiveFile(string path)
    {
        if (_runtime.WorkspaceOf(path) is { } workspace && _users.TryGetValue(workspace, out var user))
            Give(path, user);
    }

    /// <summary>Takes the user of a workspace back that is deleted.</summary>
    private void Return(string workspace)
    {
        if (!_users.TryRemove(workspace, out var user))
            return;

        lock (_gate)
            _free.Enqueue(user);
    }

    /// <summary>First one that no run of this host had, then the one that has been free for the longest time; none of whom anything is left.</summary>
    private uint? Take()
    {
        lock (_gate)
        {
            var left = Left();

            for (var tries = _range!.Last - _next + 1 + _free.Count; tries > 0; tries--)
            {
                var user = _next <= _range.Last ? (uint)_next++ : _free.Dequeue();

                if (!left.TryGetValue(user, out var path))
                    return user;

                _free.Enqueue(user);

                if (_told.Add(user))
                    Log.PassedOver(_logger, user, path);
            }

            return null;
        }
    }

    /// <summary>The users of the range of whom files, processes or System V objects are left, each with one of these.</summary>
    private Dictionary<uint, string> Left()
    {
        var left = new Dictionary<uint, string>();

        foreach (var path in _shared.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries))
        {
            if (FileCalls.ReadStatus(path, out var status) && status.User >= _range!.First && status.User <= _range.Last)
                left.TryAdd(status.User, path);
        }

        foreach (var (user, path) in _systemV.SelectMany(Owners).Where(owner => owner.User >= _range!.First && owner.User <= _range.Last))
            left.TryAdd(user, path);

        return left;
    }

    /// <summary>The users that own or have made what a table of /proc/sysvipc lists (proc_sysvipc(5)), whose first line names the columns.</summary>
    private static IEnumerable<(uint User, string Path)> Owners(string path)
    {
        if (!File.Exists(path))
            return [];

        var rows = File.ReadLines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        int[] columns = [Array.IndexOf(rows[0], "uid"), Array.IndexOf(rows[0], "cuid")];
        return from row in rows.Skip(1) from column in columns select (uint.Parse(row[column], CultureInfo.InvariantCulture), path);
    }

    private static void GiveAll(string folder, uint user)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", everything))
            Give(path, user);

        Give(folder, user);
    }

    private static void Give(string path, uint user)
    {
        if (FileCalls.ChangeOwner(path, user, user) != 0)
            throw Libc.Failure($"'{path}' could not be given to the run's user: lchown");
    }

    private static string? KnownAccount(UserRange range)
    {
        try
        {
            return File.ReadLines("/etc/passwd")
                .Select(line => line.Split(':'))
                .FirstOrDefault(fields => fields.Length > 2 && uint.TryParse(fields[2], out var user) && user >= range.First && user <= range.Last)?[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? FirstShut(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (FileCalls.ReadStatus(at, out var status) && (status.Mode & 1) == 0)
                return at;
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The user {User} is given to no run while '{Path}' of an earlier one is left; delete it to free the user")]
        public static partial void PassedOver(ILogger logger, uint user, string path);
    }
}
