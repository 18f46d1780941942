using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Files;
using Servo.Infrastructure.Sandboxing;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Scripts;

/// <summary>
/// Makes the rules of the sandbox that a script's process enters before its first instruction: what it may reach, which is everything
/// but what is hidden, and its own run's workspace.
/// </summary>
internal sealed partial class ScriptConfinement : IDisposable
{
    private const string SwitchedOff = "switched off";
    private const string NoLandlock = "no Landlock";

    // Where programs make files of their own although TMPDIR says otherwise.
    private static readonly string[] _shared = ["/tmp", "/var/tmp", "/dev/shm"];

    private readonly RuntimeDirectory _runtime;
    private readonly IEnumerable<HiddenPlace> _hidden; // some come later, as mounts do
    private readonly ScriptTelemetry _telemetry;
    private readonly int _version;
    private readonly string? _whyNone;
    private readonly StrictPlaces? _strict;
    private readonly Bubblewrap? _bubblewrap;
    private readonly bool _hasNetwork;
    private readonly DenialText _denials;
    private readonly ScriptRulesets _rulesets;
    private readonly SafeFileHandle? _calls;
    private readonly SafeFileHandle? _portsOnly;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _crowded = []; // that the log has told of

    internal ScriptConfinement(
        ScriptOptions options,
        RuntimeDirectory runtime,
        IEnumerable<HiddenPlace> hidden,
        ScriptTelemetry telemetry,
        ILogger logger,
        int? version = null)
    {
        _version = version ?? Landlock.Version;
        _runtime = runtime;
        _hidden = hidden.Prepend(new HiddenPlace(runtime.Path) { Others = AbandonedDirectories.HasNameOfOne });
        _telemetry = telemetry;
        _logger = logger;
        _hasNetwork = options.Network;

        if (SandboxProblems.Of(options, _version) is { } problem)
            throw new InterpreterException(problem);

        if (options.Sandbox == ScriptSandbox.Bubblewrap)
            (_strict, _bubblewrap) = (new StrictPlaces(options), SandboxProblems.BubblewrapOf(options));
        else if (options.Sandbox == ScriptSandbox.Strict)
            (_strict, _calls) = (new StrictPlaces(options), CallFilter.MakeFile());
        else
            _whyNone = options.Sandbox == ScriptSandbox.None ? SwitchedOff : _version < Landlock.LeastVersion ? NoLandlock : null;

        ushort[]? ports = _strict is null ? null : [.. options.Connect.Select(port => ushort.Parse(port, CultureInfo.InvariantCulture))];
        _rulesets = new ScriptRulesets(runtime, _version, ports);

        if (_bubblewrap is not null && _hasNetwork)
            _portsOnly = _rulesets.MakeForPorts();

        _denials = new DenialText(ports, hidesFiles: _bubblewrap is not null, _hasNetwork);
        Tell(logger);
    }

    /// <summary>What is out of the scripts' reach, and by what or why not.</summary>
    internal string Description => this switch
    {
        { _whyNone: { } why } => $"{nameof(ScriptSandbox.None)}: {why}",
        { _bubblewrap: not null } =>
            $"{nameof(ScriptSandbox.Bubblewrap)}, by namespaces{(_hasNetwork ? $", Landlock {_version} and seccomp" : " and seccomp, without a network")}",
        { _strict: not null } => $"{nameof(ScriptSandbox.Strict)}, by Landlock {_version} and seccomp",
        _ => $"{nameof(ScriptSandbox.Neighbours)}, by Landlock {_version}{(_version < Landlock.Scopes ? " without signals" : "")}",
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _rulesets.Dispose();
        _strict?.Dispose();
        _calls?.Dispose();
        _portsOnly?.Dispose();
    }

    /// <summary>The sandbox of a script in this folder, by these interpreters; <see langword="null"/> where it is in none.</summary>
    /// <exception cref="InterpreterException">It cannot be made: without it the script must not run.</exception>
    internal Sandbox? Make(string workingDirectory, params IEnumerable<string> interpreters)
    {
        if (_whyNone is not null)
        {
            _telemetry.Unconfined(_whyNone);
            return null;
        }

        try
        {
            return _bubblewrap is null
                ? ByLandlock(workingDirectory, interpreters)
                : new Sandbox(_portsOnly, CallFilter: null, Start(_bubblewrap, workingDirectory, interpreters));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterpreterException($"A script's sandbox cannot be made: {e.Message}", e);
        }
    }

    /// <summary>What the sandbox is likely to have denied a script that failed, by the last of its output; <see langword="null"/> where nothing is known.</summary>
    internal string? Explain(OutputTail said, string workingDirectory, IEnumerable<string> interpreters)
    {
        if (_whyNone is not null || said.LinesFromTheEnd().FirstOrDefault(_denials.IsOne) is not { } line)
            return null;

        return _denials.Explain(line, new Reach(Places(workingDirectory, interpreters, out var hidden), hidden));
    }

    private BubblewrapStart Start(Bubblewrap bubblewrap, string workingDirectory, IEnumerable<string> interpreters)
    {
        var places = Places(workingDirectory, interpreters, out var hidden).Append((_runtime.PortalSocket, true));
        string[] closed = [.. hidden.Ancestors(), _runtime.Path];
        return new BubblewrapStart(bubblewrap.Command(closed, places, _strict!.Names(interpreters), workingDirectory), CallFilter.MakeFile());
    }

    /// <summary>All that a script reaches, by paths that no link is on, and whether it may write there.</summary>
    private List<(string Path, bool MayWrite)> Places(string workingDirectory, IEnumerable<string> interpreters, out HiddenTree hidden)
    {
        List<(string Path, bool MayWrite)> places = [(_runtime.Python, false)];

        if (_runtime.WorkspaceOf(workingDirectory) is { } workspace)
            places.AddRange([(workspace, false), .. RuntimeDirectory.FoldersOfScripts.Select(name => (Path.Join(workspace, name), true))]);

        hidden = Visit(workingDirectory, interpreters, (place, mayWrite) => places.Add((RealPath.Of(place) ?? "", mayWrite)));
        return places;
    }

    private Sandbox ByLandlock(string workingDirectory, IEnumerable<string> interpreters)
    {
        // Elsewhere than in Strict every interpreter is reached.
        var programs = _strict is null ? "" : string.Join('\n', interpreters);

        return _runtime.WorkspaceOf(workingDirectory) is { } workspace
            ? new Sandbox(_rulesets.Take(workspace, programs, Survey), _calls)
            : new Sandbox(_rulesets.Make(Survey, out _), _calls, IsOfOneScript: true);

        Survey Survey(PlaceVisitor allow) => Visit(workingDirectory, interpreters, allow).Survey;
    }

    /// <summary>Tells of all that a script reaches but its workspace and the package <c>servo</c>.</summary>
    private HiddenTree Visit(string workingDirectory, IEnumerable<string> interpreters, PlaceVisitor allow)
    {
        var hidden = HiddenTree.Of(_hidden);

        if (_strict is null)
            hidden.Visit(allow);
        else
            _strict.Visit(hidden, interpreters, allow);

        if (_runtime.WorkspaceOf(workingDirectory) is null)
            hidden.Visit(workingDirectory, mayWrite: true, allow);

        foreach (var folder in hidden.Survey.Crowded.Where(folder => _crowded.TryAdd(folder, true)))
            Log.Crowded(_logger, folder, HiddenTree.MaxEntries);

        return hidden;
    }

    private void Tell(ILogger logger)
    {
        if (_whyNone == NoLandlock)
            Log.NoLandlock(logger, Landlock.LeastVersion);

        if (_whyNone is not null)
            return;

        if (_strict is not null)
        {
            Log.Strict(logger, Description);

            foreach (var path in _strict.Missing())
                Log.NotThere(logger, path);

            if (_strict.AllowsAll)
                Log.AllWritable(logger);

            return;
        }

        List<string> ancestors = [.. HiddenTree.Of(_hidden).Ancestors().Distinct()];
        Log.Confined(logger, _version, string.Join(", ", ancestors));

        if (_version < Landlock.Scopes)
            Log.NoScopes(logger, _version, Landlock.Scopes);

        foreach (var shared in _shared.Append(Path.TrimEndingDirectorySeparator(Path.GetTempPath())).Distinct().Intersect(ancestors))
            Log.SharedFolder(logger, shared);
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information,
            "Scripts reach their own run and no other (Landlock {Version}). "
            + "They cannot list these folders, above what is hidden, nor make entries in them: {Folders}")]
        public static partial void Confined(ILogger logger, int version, string folders);

        [LoggerMessage(15, LogLevel.Warning,
            "{Folder} has more than {Most} entries and files of the gateway lie below it: scripts do not reach the others in it. "
            + "Set " + WorkspaceOptions.RootKey + " and " + StateOptions.RootKey + " to folders elsewhere")]
        public static partial void Crowded(ILogger logger, string folder, int most);

        [LoggerMessage(14, LogLevel.Information,
            "Scripts reach their own run, read the system, and write and connect to what is allowed to them ({Sandbox}): see "
            + ScriptOptions.ReadableKey + ", " + ScriptOptions.WritableKey + " and " + ScriptOptions.ConnectKey)]
        public static partial void Strict(ILogger logger, string sandbox);

        [LoggerMessage(16, LogLevel.Warning,
            "{Path} of " + ScriptOptions.ReadableKey + " or " + ScriptOptions.WritableKey + " is not there: scripts reach it once it is")]
        public static partial void NotThere(ILogger logger, string path);

        [LoggerMessage(17, LogLevel.Warning,
            "Scripts may change the whole file system but for what is the gateway's: " + ScriptOptions.WritableKey + " names its root")]
        public static partial void AllWritable(ILogger logger);

        [LoggerMessage(11, LogLevel.Warning,
            "This kernel has no Landlock {Least}, or a filter keeps it shut: scripts reach other runs and what the gateway keeps. "
            + "Set " + ScriptOptions.SandboxKey + " to None where that is meant")]
        public static partial void NoLandlock(ILogger logger, int least);

        [LoggerMessage(12, LogLevel.Warning,
            "This kernel's Landlock {Version} confines files but no signals, for which it needs {Scopes}: "
            + "a script can end what the gateway's user runs")]
        public static partial void NoScopes(ILogger logger, int version, int scopes);

        [LoggerMessage(13, LogLevel.Warning,
            "Scripts cannot make files in {Folder} itself, as files of the gateway lie below it: "
            + "set " + WorkspaceOptions.RootKey + " to a folder elsewhere")]
        public static partial void SharedFolder(ILogger logger, string folder);
    }
}
