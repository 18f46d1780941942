using System.Collections.Concurrent;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>The archives of one process, gone with it.</summary>
public sealed class MemoryBundleStore : IBundleStore
{
    private readonly ConcurrentDictionary<RunId, byte[]> _bundles = [];

    /// <summary>How many are kept.</summary>
    public int Count => _bundles.Count;

    public async Task KeepAsync(RunId run, string archivePath, CancellationToken cancellationToken)
    {
        _bundles[run] = await File.ReadAllBytesAsync(archivePath, cancellationToken);
        File.Delete(archivePath);
    }

    public Task FetchAsync(RunId run, string archivePath, CancellationToken cancellationToken) =>
        _bundles.TryGetValue(run, out var bytes)
            ? File.WriteAllBytesAsync(archivePath, bytes, cancellationToken)
            : throw new FileNotFoundException($"There is no archive of run {run}.");

    public Task DeleteAsync(RunId run)
    {
        _bundles.TryRemove(run, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RunId>>([.. _bundles.Keys]);
}
