using Servo.Domain;

namespace Servo.Application.Callbacks;

/// <summary>What came to a run by callbacks: held back until its bundle is ready, then among its files, and never run as a script.</summary>
public sealed class RunCallbacks
{
    private readonly string _directory;
    private readonly ScriptList _scripts;
    private readonly ICallbackFiles _files;
    private readonly TaskCompletionSource _bundleReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly HashSet<FileIdentity> _delivered = [];
    private readonly Dictionary<string, FileIdentity> _latest = new(StringComparer.Ordinal);

    internal RunCallbacks(string directory, ScriptList scripts, ICallbackFiles files) => (_directory, _scripts, _files) = (directory, scripts, files);

    /// <summary>Ends when the archive is unpacked and its secrets are decrypted: only then all names of the bundle are taken.</summary>
    internal Task BundleReady => _bundleReady.Task;

    /// <summary>Lets in the callbacks that have waited, and those that come later.</summary>
    internal void LetIn() => _bundleReady.TrySetResult();

    /// <summary>Whether the tag is that of a script of the run, or something else than a callback's file has it already.</summary>
    internal bool IsTaken(CallbackTag tag) => tag.IsNamedBy(_scripts) || (Holds(tag.Name) && !_latest.ContainsKey(tag.Name));

    /// <summary>Whether the run's directory has something of this name.</summary>
    internal bool Holds(string name)
    {
        var path = PathOf(name);
        return Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
    }

    /// <summary>
    /// Puts a whole file among the run's; <see langword="false"/> where that would replace anything but the very file that an earlier callback of the same
    /// tag put there.
    /// </summary>
    internal bool Place(string arrived, CallbackTag tag)
    {
        var identity = _files.Identify(arrived) ?? throw new IOException($"The file of the callback {tag} is gone before it was in place.");

        lock (_gate)
        {
            // Known before it is in place: a script whose turn comes meanwhile must not take it for one of the bundle's.
            _delivered.Add(identity);

            var placed = (_latest.TryGetValue(tag.Name, out var earlier) && _files.TryReplace(arrived, PathOf(tag.Name), earlier))
                || _files.TryPlace(arrived, PathOf(tag.Name));

            if (placed)
                _latest[tag.Name] = identity;

            return placed;
        }
    }

    /// <summary>
    /// Whether what a path leads to would have the interpreter run a file that came by a callback, whatever its name is by now; what cannot be told counts
    /// as such.
    /// </summary>
    internal bool WouldRunAt(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "__main__*").Any(WouldRunAt);

        lock (_gate)
            return _files.Identify(path) is not { } identity || _delivered.Contains(identity);
    }

    private string PathOf(string name) => Path.Join(_directory, name);
}
