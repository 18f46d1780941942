namespace Servo.Client.Bundles;

/// <summary>Everything in a folder that is not excluded; links to folders are packed as links and never followed.</summary>
internal sealed class FilesOfDirectory(string path) : IFileSet
{
    public string Nothing =>
        $"There is nothing to pack in the folder '{path}': it is empty, or {IgnoreRules.FileName} and the patterns exclude everything. "
            + "Name another folder, or fewer patterns.";

    public IReadOnlyList<Entry> Find(IReadOnlyList<string> without, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
            throw new BundleException(BundleError.NotFound, File.Exists(path)
                ? $"'{path}' is a file, not a folder. Name the folder that holds the scripts, or pack it as an archive or as a file."
                : $"The folder '{path}' does not exist. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.");

        var entries = new List<Entry>();
        Add(new DirectoryInfo(path), "", new IgnoreRules(LinesOf(path).Concat(without)));

        return entries;

        void Add(DirectoryInfo folder, string name, IgnoreRules rules)
        {
            foreach (var found in Children(folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var child = name.Length == 0 ? found.Name : $"{name}/{found.Name}";
                var target = FileMetadata.LinkTarget(found);
                var isDirectory = target is null && found is DirectoryInfo;

                if (found.Name == ".git" || (found.Name == IgnoreRules.FileName && !isDirectory) || rules.Excludes(child, isDirectory))
                    continue;

                BundleNames.CheckText(child);

                if (target is not null)
                {
                    entries.Add(new Entry(EntryKind.Link, child, found.FullName) { Target = target });
                }
                else if (isDirectory)
                {
                    entries.Add(new Entry(EntryKind.Directory, child, found.FullName));
                    var lines = LinesOf(found.FullName);
                    Add((DirectoryInfo)found, child, lines.Count == 0 ? rules : new IgnoreRules(lines, child, rules));
                }
                else
                {
                    entries.Add(new Entry(EntryKind.File, child, found.FullName) { IsExecutable = FileMetadata.IsExecutable(found) });
                }
            }
        }
    }

    private static IReadOnlyList<FileSystemInfo> Children(DirectoryInfo folder)
    {
        try
        {
            return [.. folder.EnumerateFileSystemInfos()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ReadableFile.Unreadable(folder.FullName, e);
        }
    }

    private static List<string> LinesOf(string folder)
    {
        var file = Path.Combine(folder, IgnoreRules.FileName);
        var lines = new List<string>();

        if (!File.Exists(file))
            return lines;

        try
        {
            using var reader = new StreamReader(ReadableFile.Open(file));

            while (reader.ReadLine() is { } line)
                lines.Add(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ReadableFile.Unreadable(file, e);
        }

        return lines;
    }
}
