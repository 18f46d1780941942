using Microsoft.Win32.SafeHandles;
using Servo.Application.Scripts;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>
/// What scripts reach in <see cref="ScriptSandbox.Strict"/> besides their run's own: the system's files, the interpreters, and what the operator names.
/// </summary>
internal sealed class StrictPlaces : IDisposable
{
    private static readonly string[] _folders =
        ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr", "/opt", "/nix", "/snap", "/etc", "/proc", "/sys", "/var/lib/ca-certificates"];

    // Some systems keep them elsewhere and put links here.
    private static readonly string[] _files = ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"];

    private static readonly string[] _devices =
        ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"];

    // What an interpreter's own folder has, whether the system's, a version manager's or that of a virtual environment.
    private static readonly string[] _ofInterpreters = ["bin", "lib", "lib64", "libexec", "include", "share", "pyvenv.cfg"];

    // These stay what they are while a system runs, and are opened once.
    private readonly (SafeFileHandle Place, string Path, bool MayWrite)[] _system;
    private readonly string[] _systemFolders;
    private readonly string[] _readable;
    private readonly string[] _writable;
    private readonly string[] _named;

    public StrictPlaces(ScriptOptions options)
    {
        // A link from one of the system's folders into another needs no rule of its own.
        _systemFolders = [.. _folders.Where(folder => RealPath.Of(folder) == folder)];
        var linked = _folders.Concat(_files).Where(path => !IsIn(RealPath.Of(path), _systemFolders));
        _system = [.. Open(_systemFolders, mayWrite: false), .. Open(_devices, mayWrite: true)];

        _writable = [.. options.Writable];
        _readable = [.. linked, .. options.Readable];
        _named = [.. options.Readable, .. options.Writable];
    }

    /// <summary>Whether the root of the file system is among what scripts may change.</summary>
    public bool AllowsAll => Array.Exists(_writable, path => RealPath.Of(path) == "/");

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_system, place => place.Place.Dispose());

    /// <summary>What the operator names that is not there.</summary>
    public IEnumerable<string> Missing() => _named.Where(path => !Path.Exists(path));

    /// <summary>The paths by which programs look for all of it.</summary>
    public IEnumerable<string> Names(IEnumerable<string> interpreters) =>
        _folders.Concat(_files).Concat(interpreters.Distinct().SelectMany(OfInterpreter)).Concat(_readable).Concat(_writable);

    /// <summary>
    /// Tells of all of it that is not hidden; other paths than the system's are followed anew for each script, as an orchestrator replaces files by links.
    /// </summary>
    public void Visit(HiddenTree hidden, IEnumerable<string> interpreters, PlaceVisitor allow)
    {
        foreach (var (place, path, mayWrite) in _system)
            hidden.Visit(place, path, mayWrite, allow);

        // What lies in a folder that scripts may change is theirs as it is, and what they put a link in for must not be followed.
        string[] changeable = [.. _writable.Select(RealPath.Of)];

        foreach (var path in interpreters.Distinct().SelectMany(OfInterpreter).Concat(_readable).Where(IsFixed))
            hidden.Visit(path, mayWrite: false, allow);

        foreach (var path in _writable.Where(IsFixed))
            hidden.Visit(path, mayWrite: true, allow);

        bool IsFixed(string path)
        {
            if (!RealPath.FoldersOnTheWay(path).Any(folder => IsIn(folder, changeable)))
                return true;

            // It may lead elsewhere at a later script.
            hidden.Survey.Open(path, out _).Dispose();
            return false;
        }
    }

    private static IEnumerable<(SafeFileHandle Place, string Path, bool MayWrite)> Open(string[] paths, bool mayWrite) =>
        from path in paths
        let place = FileCalls.Open(path, FileCalls.PathOnly | FileCalls.CloseOnExec, 0)
        where !place.IsInvalid
        select (place, RealPath.Of(place) ?? path, mayWrite);

    private static bool IsIn(string path, string[] folders) =>
        Array.Exists(folders, folder => RealPath.IsWithin(path, folder));

    private IEnumerable<string> OfInterpreter(string program)
    {
        foreach (var path in (string[])[program, RealPath.Of(program)])
        {
            if (IsIn(path, _systemFolders))
                continue;

            yield return path;

            if (Path.GetDirectoryName(path) is { } folder && Path.GetFileName(folder) == "bin" && Path.GetDirectoryName(folder) is { } prefix)
            {
                foreach (var name in _ofInterpreters)
                    yield return Path.Join(prefix, name);
            }
        }
    }
}
