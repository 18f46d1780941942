using System.Runtime.CompilerServices;
using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Application.Runs;

/// <summary>Shows a run to its followers: every answer, and whoever comes later, reads the same sequence.</summary>
public sealed class FollowRun(IRunStore store, IRunLog log, IRunSignals signals, LiveRuns live, TimeProvider time)
{
    /// <summary>How long nothing happens before a follower is told that.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    // Larger ones would go to the heap for large objects, which is collected last.
    private const int SliceBytes = 64 * 1024;

    /// <summary>How long at most a lost signal delays news.</summary>
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    /// <summary>The run as it stands; <see langword="null"/> where there is none of this id.</summary>
    public Task<RunRecord?> FindAsync(RunId id, CancellationToken cancellationToken) => FindAsync(id, seen: null, cancellationToken);

    /// <summary>
    /// Follows a run to its end, with the records of its log that come after this number; yields nothing if there is no such run.
    /// </summary>
    public async IAsyncEnumerable<RunNews> FromAsync(RunId id, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var signal = signals.Listen(id);
        var next = LogPosition.Of(after + 1);
        var lastNews = time.GetTimestamp();
        LiveRun? seen = null;
        RunRecord? shown = null;
        var hasRead = false;

        while (await FindAsync(id, seen ??= live.Find(id), cancellationToken) is { } record)
        {
            if (shown is null || IsNew(shown, record))
            {
                yield return new RunNews.Standing(record, next.Number - 1);
                (shown, lastNews) = (record, time.GetTimestamp());
            }

            // Read after the record: what ends a run is written before its end is.
            while (await log.ReadAsync(id, next, SliceBytes, cancellationToken) is { Records.IsEmpty: false } slice)
            {
                foreach (var records in UnpackedRecords.Of(slice.Records, next.Number, seen?.Unpacked))
                    yield return new RunNews.Records(records);

                (next, lastNews, hasRead) = (slice.Next, time.GetTimestamp(), true);
            }

            if (record.Run.HasEnded)
            {
                yield return new RunNews.Completed(record, hasRead ? next.Number : await EndNumberAsync(id));
                yield break;
            }

            await signal.WaitAsync(_look, cancellationToken);

            if (time.GetElapsedTime(lastNews) >= LongestSilence)
            {
                yield return new RunNews.Silence();
                lastNews = time.GetTimestamp();
            }
        }
    }

    /// <summary>Waits for the end of a run; <see langword="null"/> where there is none of this id.</summary>
    public async Task<RunRecord?> EndAsync(RunId id, CancellationToken cancellationToken)
    {
        using var signal = signals.Listen(id);
        LiveRun? seen = null;

        while (await FindAsync(id, seen ??= live.Find(id), cancellationToken) is { } record)
        {
            if (record.Run.HasEnded)
                return record;

            // What a run of this host says meanwhile is not asked for.
            await (seen is { Ended.IsCompleted: false } ? seen.Ended.WaitAsync(cancellationToken) : signal.WaitAsync(_look, cancellationToken));
        }

        return null;
    }

    /// <summary>The number of the end of a run that has ended: that of the last record of its log, and one.</summary>
    public async Task<long> EndNumberAsync(RunId id) => await log.LastAsync(id) + 1;

    /// <summary>Reads what a run's log holds now, from the record of this number on, each for itself.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> RecordsAsync(RunId id, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var slice in LogAsync(id, from, cancellationToken))
        {
            foreach (var records in UnpackedRecords.Of(slice, from, shared: null))
                yield return records;
        }
    }

    /// <summary>Reads what a run's log holds now, from the record of this number on, as it is kept (<see cref="PackedLines"/>).</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(RunId id, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = LogPosition.Of(from);

        while (await log.ReadAsync(id, next, SliceBytes, cancellationToken) is { Records.IsEmpty: false } slice)
        {
            // The first may stand for some before the number, too.
            var isWithin = RecordHead.Of(slice.Records.Span).Number < next.Number;

            foreach (var records in isWithin ? UnpackedRecords.Of(slice.Records, next.Number, shared: null) : [slice.Records])
                yield return records;

            next = slice.Next;
        }
    }

    private async Task<RunRecord?> FindAsync(RunId id, LiveRun? seen, CancellationToken cancellationToken)
    {
        // A follower that saw the run live has its end with it, and need not ask the store; what stands before its start is the store's.
        if ((live.Find(id) ?? (seen is { Run.HasEnded: true } ? seen : null)) is { Run.State: not RunState.Queued } running)
            return new RunRecord(running.Run, Position: null, WaitsFor: [], LogBytes: 0, IsCancelRequested: running.Cancellation.Reason is not null);

        return await store.FindAsync(id, cancellationToken);
    }

    private static bool IsNew(RunRecord shown, RunRecord record) =>
        !record.Run.HasEnded
        && record.Run.State != RunState.Running
        && (shown.Run.State != record.Run.State || shown.Position != record.Position || !shown.WaitsFor.SequenceEqual(record.WaitsFor));
}
