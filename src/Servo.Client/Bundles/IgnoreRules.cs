namespace Servo.Client.Bundles;

/// <summary>The patterns of a folder and its parents; the last matching pattern of the nearest folder decides.</summary>
internal sealed class IgnoreRules
{
    /// <summary>The name of the files that hold patterns.</summary>
    public const string FileName = ".servoignore";

    private readonly IgnorePattern[] _patterns;
    private readonly string _prefix;
    private readonly IgnoreRules? _outer;

    /// <summary>Parses the lines that apply below a folder, whose name is relative to the top of the bundle.</summary>
    public IgnoreRules(IEnumerable<string> lines, string folder = "", IgnoreRules? outer = null)
    {
        _patterns = [.. lines.Select(IgnorePattern.Parse).OfType<IgnorePattern>()];
        _prefix = folder.Length == 0 ? "" : folder + "/";
        _outer = outer;
    }

    /// <summary>Whether a name is excluded by itself; do not ask about names inside an excluded folder.</summary>
    public bool Excludes(string name, bool isDirectory)
    {
        var path = name.Substring(_prefix.Length);

        for (var i = _patterns.Length - 1; i >= 0; i--)
        {
            if (_patterns[i].Matches(path, isDirectory))
                return !_patterns[i].IsNegated;
        }

        return _outer is not null && _outer.Excludes(name, isDirectory);
    }

    /// <summary>Whether a file is excluded, or a folder that it lies in.</summary>
    public bool ExcludesFile(string name)
    {
        for (var slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            if (Excludes(name.Substring(0, slash), isDirectory: true))
                return true;
        }

        return Excludes(name, isDirectory: false);
    }
}
