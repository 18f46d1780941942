namespace Servo.Client.Bundles;

/// <summary>A list of files; a link stands for what it points to.</summary>
internal sealed class FilesOfList(IReadOnlyList<BundleFile> files) : IFileSet
{
    public string Nothing =>
        "There is nothing to pack: the list of files is empty, or the patterns exclude all of them. Name a file, or fewer patterns.";

    public IReadOnlyList<Entry> Find(IReadOnlyList<string> without, CancellationToken cancellationToken)
    {
        var rules = new IgnoreRules(without);
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);

        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = BundleNames.Check(file.Name);

            if (IsNeverPacked(name) || rules.ExcludesFile(name))
                continue;

            if (entries.TryGetValue(name, out var other))
                throw new BundleException(
                    BundleError.DuplicateName,
                    $"Two files are called '{name}' in the bundle: '{other.Path}' and '{file.FilePath}'. Give one of them another name.");

            if (Directory.Exists(file.FilePath))
                throw new BundleException(
                    BundleError.NotFound,
                    $"'{file.FilePath}' is a folder, not a file. List the files in it, or make the bundle of the folder.");

            var info = new FileInfo(file.FilePath);

            if (!info.Exists)
                throw new BundleException(
                    BundleError.NotFound,
                    $"The file '{file.FilePath}' does not exist. Check the path; relative paths start at "
                        + $"'{Directory.GetCurrentDirectory()}'.");

            entries.Add(name, new Entry(EntryKind.File, name, file.FilePath) { IsExecutable = FileMetadata.IsExecutable(info) });
        }

        foreach (var entry in entries.Values)
        {
            for (var folder = BundleNames.Parent(entry.Name); folder.Length > 0; folder = BundleNames.Parent(folder))
            {
                if (entries.TryGetValue(folder, out var file))
                    throw new BundleException(
                        BundleError.DuplicateName,
                        $"'{folder}' is a file ('{file.Path}') and also the folder of '{entry.Name}'. Give one of them another name.");
            }
        }

        return [.. entries.Values];
    }

    private static bool IsNeverPacked(string name)
    {
        var parts = name.Split('/');

        return parts.Contains(".git") || parts[parts.Length - 1] == IgnoreRules.FileName;
    }
}
