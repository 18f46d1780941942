using System.Collections.Concurrent;
using Servo.Application;
using Servo.Application.Logs;
using Servo.Domain.Runs;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Logs;

/// <summary>
/// Keeps the log of each run in a file of its own, and finds a record in it by bisection: each says its number at its beginning.
/// </summary>
internal sealed class FileRunLog(StateDirectory directory, StateReserve reserve, LogSaver saver) : IRunLog, IDisposable
{
    private const string Ending = ".ndjson";

    private readonly ConcurrentDictionary<RunId, LogFile> _files = new();

    public Task<bool> AppendAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records)
    {
        if (records.IsEmpty || records.Span[^1] != '\n' || !RecordHead.TryRead(records.Span, out var head) || head.Number != first)
            throw new ArgumentException($"These are not whole records from number {first} on.", nameof(records));

        var file = _files.GetOrAdd(claim.Run, (run, log) => new LogFile(log.PathOf(run)), this);

        if (!file.Append(claim.Host, first, records.Span, out var wasSaved))
            return Task.FromResult(false);

        if (wasSaved)
            saver.Add(file);

        return Task.FromResult(true);
    }

    public async Task<bool> CompleteAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records)
    {
        try
        {
            return records.IsEmpty || await AppendAsync(claim, first, records);
        }
        catch (IOException e) when (DiskSpace.IsLacking(e))
        {
            reserve.Use();
            return await AppendAsync(claim, first, records);
        }
        finally
        {
            if (_files.TryGetValue(claim.Run, out var file))
                file.Close();
        }
    }

    public ValueTask<LogSlice> ReadAsync(RunId run, LogPosition from, int maxBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        try
        {
            return ValueTask.FromResult(
                _files.TryGetValue(run, out var file) && file.Read(from, maxBytes) is { } slice ? slice : ReadFile(run, from, maxBytes));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody has deleted it: what is known of the run besides is told all the same.
            return ValueTask.FromResult(new LogSlice(default, from));
        }
    }

    public Task<long> LastAsync(RunId run)
    {
        try
        {
            using var file = LogFile.OpenToRead(PathOf(run));
            return Task.FromResult(new LogReader(file, RandomAccess.GetLength(file)).Last().Number);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(0L);
        }
    }

    public Task<long> LengthAsync(RunId run) => Task.FromResult(new FileInfo(PathOf(run)) is { Exists: true } file ? file.Length : 0);

    public Task DeleteAsync(RunId run)
    {
        if (_files.TryRemove(run, out var file))
            file.Delete();
        else
            File.Delete(PathOf(run));

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken)
    {
        var runs = new List<RunId>();

        foreach (var path in Directory.EnumerateFiles(directory.Logs, "*" + Ending))
        {
            if (RunId.TryParse(Path.GetFileNameWithoutExtension(path), out var run))
                runs.Add(run);
        }

        return Task.FromResult<IReadOnlyList<RunId>>(runs);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Close();
    }

    private LogSlice ReadFile(RunId run, LogPosition from, int maxBytes)
    {
        try
        {
            using var file = LogFile.OpenToRead(PathOf(run));
            return new LogReader(file, RandomAccess.GetLength(file)).Read(from, maxBytes);
        }
        catch (FileNotFoundException)
        {
            return new LogSlice(default, from);
        }
    }

    private string PathOf(RunId run) => Path.Join(directory.Logs, run + Ending);
}
