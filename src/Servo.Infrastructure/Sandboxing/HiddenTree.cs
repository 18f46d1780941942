using System.Text;
using Microsoft.Win32.SafeHandles;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Sandboxing;

/// <summary>A folder on the way to hidden places, from the root of the file system on, or such a place itself.</summary>
internal sealed class HiddenTree
{
    /// <summary>
    /// Each entry beside what is hidden is a rule of its own, at 7 to 25 microseconds whenever they are made: with more of them none gets one.
    /// </summary>
    public const int MaxEntries = 2000;

    private readonly List<(byte[] Name, HiddenTree Below)> _below = [];
    private HiddenPlace? _place;
    private Predicate<string>? _hides;

    private HiddenTree(string path, Survey survey) => (Path, Survey) = (path, survey);

    /// <summary>Its absolute path.</summary>
    public string Path { get; }

    /// <summary>What was looked at so far, to build this and to visit what it does not hide.</summary>
    public Survey Survey { get; }

    /// <summary>Builds the tree of places that are there, by the paths that no link is on.</summary>
    public static HiddenTree Of(IEnumerable<HiddenPlace> places)
    {
        var root = new HiddenTree("/", new Survey());

        foreach (var place in places)
        {
            var path = System.IO.Path.GetFullPath(place.Path);
            using var found = root.Survey.Open(path, out var real);
            root.Add(place, path);

            if (real != path)
                root.Add(place, real);
        }

        return root;
    }

    /// <summary>The folders above hidden places: nothing can be made in them, and they cannot be listed.</summary>
    public IEnumerable<string> Ancestors() =>
        _place is not null || IsReadable ? [] : _below.SelectMany(entry => entry.Below.Ancestors()).Prepend(Path);

    /// <summary>Whether a path that no link is on is hidden, or above what is.</summary>
    public bool Covers(string real) => Follow(real, out var isHidden, out _) is not null || isHidden;

    /// <summary>
    /// Tells <paramref name="allow"/> of everything that is not hidden, in as few places as possible, with whether it may be written.
    /// </summary>
    public void Visit(PlaceVisitor allow) => Visit("/", mayWrite: true, allow);

    /// <summary>Does so for what a path leads to, and what is below; where nothing is there, or may be reached, there is nothing to tell.</summary>
    public void Visit(string path, bool mayWrite, PlaceVisitor allow)
    {
        using var place = Survey.Open(path, out var real);

        if (!place.IsInvalid)
            Visit(place, real, mayWrite, allow);
    }

    /// <summary>Does so for what was opened already.</summary>
    public void Visit(SafeFileHandle place, string real, bool mayWrite, PlaceVisitor allow)
    {
        var known = Follow(real, out var isHidden, out var isShown);

        if (isHidden)
            return;

        mayWrite &= !isShown;

        if (known is null || known.IsReadable)
            allow(place, mayWrite && known is null);

        if (known is not null && !known.IsToldBy(mayWrite) && FolderAt(real) is { } folder)
        {
            using (folder)
                known.Visit(folder, mayWrite, allow);
        }
    }

    /// <summary>Whether all of it may be read: nothing in it is hidden, but some of it may not be changed.</summary>
    private bool IsReadable =>
        _hides is null && (_place?.IsReadable ?? _below.Count > 0) && _below.TrueForAll(entry => entry.Below.IsReadable);

    /// <summary>Whether all is told once it is told that this may be read.</summary>
    private bool IsToldBy(bool mayWrite) => IsReadable && (_place is not null || !mayWrite);

    /// <summary>What is known here of a path, if anything is; whether it is hidden, and whether it lies in a place that shows its folders.</summary>
    private HiddenTree? Follow(string real, out bool isHidden, out bool isShown)
    {
        var known = this;
        (isHidden, isShown) = (false, false);

        foreach (var name in real.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var above = known;
            known = above.Find(OpenFolder.Name(name));
            isHidden = known is null ? above.Hides(name) : known._place is { ShowsFolders: false, IsReadable: false };

            if (isHidden || known is null)
                return known;

            isShown |= known._place is not null;
        }

        return known;
    }

    private static OpenFolder? FolderAt(string path)
    {
        try
        {
            return OpenFolder.AtPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Visit(OpenFolder folder, bool mayWrite, PlaceVisitor allow)
    {
        foreach (var name in Others(folder))
        {
            using var place = folder.Place(name);

            if (!place.IsInvalid)
                allow(place, mayWrite);
        }

        foreach (var (name, known) in _below)
            VisitKnown(folder, name, known, mayWrite, allow);
    }

    /// <summary>The entries of a folder that are not known here; a link has no place of its own, what it leads to has one.</summary>
    private List<byte[]> Others(OpenFolder folder)
    {
        List<byte[]> others = [];
        Survey.List(Path, folder);
        var entries = new FolderEntries(folder);

        for (var read = 0; entries.TryRead(out var name); read++)
        {
            if (read == MaxEntries)
            {
                Survey.Crowded.Add(Path);
                return [];
            }

            if (!entries.IsLink && Find(name) is null && (_place is null || entries.IsFolder) && !Hides(Encoding.UTF8.GetString(name[..^1])))
                others.Add(name.ToArray());
        }

        return others;
    }

    private static void VisitKnown(OpenFolder folder, ReadOnlySpan<byte> name, HiddenTree known, bool mayWrite, PlaceVisitor allow)
    {
        if (known._place is { ShowsFolders: false, IsReadable: false })
            return;

        if (known.IsReadable)
        {
            using var place = folder.Place(name);
            allow(place, mayWrite: false);
        }

        if (known.IsToldBy(mayWrite) || folder.OpenAsItIs(name) is not { } below)
            return;

        using (below)
            known.Visit(below, mayWrite && known._place is null, allow);
    }

    private void Add(HiddenPlace place, string path)
    {
        var (above, at) = (this, this);

        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            (above, at) = (at, at.Below(name));

        if (at == this)
            return;

        at._place = place;
        above._hides ??= place.Others;
    }

    private HiddenTree Below(string name)
    {
        var raw = OpenFolder.Name(name);

        if (Find(raw) is { } known)
            return known;

        var below = new HiddenTree(System.IO.Path.Join(Path, name), Survey);
        _below.Add((raw, below));
        return below;
    }

    private bool Hides(string name) => _hides?.Invoke(name) == true;

    private HiddenTree? Find(ReadOnlySpan<byte> name)
    {
        foreach (var (other, below) in _below)
        {
            if (name.SequenceEqual(other))
                return below;
        }

        return null;
    }
}

/// <summary>Takes a file or folder that is not hidden, as a descriptor that only stands for it (O_PATH).</summary>
internal delegate void PlaceVisitor(SafeFileHandle place, bool mayWrite);
