using System.Runtime.InteropServices;
using Servo.Application.Runs;
using Servo.Domain.Runs;
using Servo.Infrastructure.Files;

namespace Servo.Infrastructure.Runs;

/// <summary>Keeps the archives of queued runs as files: moved or linked where the file system is the same, else copied.</summary>
internal sealed class FileBundleStore : IBundleStore
{
    private const string Unfinished = ".part";

    private readonly StateDirectory _directory;
    private readonly string _folder;

    public FileBundleStore(StateDirectory directory)
    {
        (_directory, _folder) = (directory, directory.Bundles);

        // Copies that a host did not bring to their end: nothing was promised of them.
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + Unfinished))
            File.Delete(path);
    }

    public Task KeepAsync(RunId run, string archivePath, CancellationToken cancellationToken) => Task.Run(() => Keep(run, archivePath), cancellationToken);

    public Task FetchAsync(RunId run, string archivePath, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var path = PathOf(run);

            // A second name for the same file: nothing writes to an archive before its run has started, and then it is not needed any more.
            if (FileCalls.Link(path, archivePath) != 0)
                File.Copy(path, archivePath);
        },
        cancellationToken);

    public Task DeleteAsync(RunId run) => Task.Run(() =>
    {
        try
        {
            File.Delete(PathOf(run));
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody has deleted the folder, and the archive with it.
        }
    });

    public Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken)
    {
        var runs = new List<RunId>();

        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            if (RunId.TryParse(Path.GetFileName(path), out var run))
                runs.Add(run);
        }

        return Task.FromResult<IReadOnlyList<RunId>>(runs);
    }

    private void Keep(RunId run, string archivePath)
    {
        _directory.RequireInPlace();
        Save(archivePath);

        if (FileCalls.Rename(archivePath, PathOf(run)) != 0)
        {
            var error = Marshal.GetLastPInvokeError();

            if (error != Errno.OtherDevice)
                throw OpenFolder.Failure(error, archivePath);

            Copy(archivePath, PathOf(run));
            File.Delete(archivePath);
        }

        StateDirectory.SaveEntries(_folder);
    }

    private static void Copy(string from, string to)
    {
        var unfinished = to + Unfinished;

        try
        {
            File.Copy(from, unfinished, overwrite: true);
            Save(unfinished);
            File.Move(unfinished, to, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static void Save(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(file);
    }

    private string PathOf(RunId run) => Path.Join(_folder, run.ToString());
}
