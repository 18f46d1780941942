using Servo.Domain.Runs;

namespace Servo.Application.Logs;

/// <summary>
/// Keeps what runs say: for each run a sequence of records, numbered from 1 without a gap, each a line of JSON that begins with a
/// <see cref="RecordHead"/>. Some stand for several numbers.
/// </summary>
public interface IRunLog
{
    /// <summary>
    /// Adds whole records, of which the first has this number. The same records again are taken as such; a gap, another first number or a
    /// claim that is gone is <see langword="false"/>, with nothing added. Survives the end of the process once this returns, and a power
    /// cut a second later.
    /// </summary>
    Task<bool> AppendAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records);

    /// <summary>
    /// Adds the last records of a run, or none, as <see cref="AppendAsync"/> does, but into room that is kept for them where the disk is
    /// full; lets go of what is held for appends.
    /// </summary>
    Task<bool> CompleteAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records);

    /// <summary>
    /// Reads whole records from the one on that has this number, or stands for it: those that were added so far, at most so many bytes but
    /// at least one record if there is one. Takes time for the bytes that it reads, not for those before.
    /// </summary>
    ValueTask<LogSlice> ReadAsync(RunId run, LogPosition from, int maxBytes, CancellationToken cancellationToken);

    /// <summary>The number of the last record of a run's log; 0 where it has none.</summary>
    Task<long> LastAsync(RunId run);

    /// <summary>The bytes of a run's log.</summary>
    Task<long> LengthAsync(RunId run);

    /// <summary>Deletes a run's log, if there is one.</summary>
    Task DeleteAsync(RunId run);

    /// <summary>The runs of which there is a log.</summary>
    Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken);
}
