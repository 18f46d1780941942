using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Servo.Application.Auditing;
using Servo.Application.Runs;
using Servo.Infrastructure.Runs;

namespace Servo.Infrastructure.Auditing;

/// <summary>
/// Appends the record to a file a day. A thread of its own writes what has come together in one call, and makes it survive a power cut
/// within a second. While it cannot write, so many events wait; those past them are counted, and the record tells of that gap.
/// </summary>
internal sealed partial class FileAuditLog : IAuditLog, IDisposable
{
    /// <summary>How many events wait for the disk at most.</summary>
    internal const int Capacity = 10_000;

    private const int BytesAtOnce = 256 * 1024;

    // What comes within this time is written together; a kill of the host takes no more than that.
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _saving = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);

    private readonly AuditQueue _queue = new(Capacity);
    private readonly ArrayBufferWriter<byte> _batch = new(BytesAtOnce);
    private readonly ArrayBufferWriter<byte> _record = new();
    private readonly AuditFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger<FileAuditLog> _logger;
    private readonly Thread _thread;
    private ReadOnlyMemory<byte> _unwritten;
    private long _batched;
    private bool _isFailing;
    private bool _isDisposed;

    /// <summary>Begins to write below the folder.</summary>
    public FileAuditLog(StateDirectory directory, TimeProvider time, ILogger<FileAuditLog> logger)
    {
        (_file, _time, _logger) = (new AuditFile(directory.Audit), time, logger);
        _thread = new Thread(Loop) { IsBackground = true, Name = "audit" };
        _thread.Start();
    }

    /// <summary>Whether everything that was written survives a power cut.</summary>
    internal bool IsSaved => _file.IsSaved;

    public void Record(AuditEvent audited) => _queue.Add(new QueuedEvent(_time.GetUtcNow(), audited));

    /// <summary>Ends once everything is written and on the disk, or cannot be.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;

        _isDisposed = true;
        _queue.Close();
        _thread.Join();
        _file.Dispose();
    }

    private void Loop()
    {
        var lastSave = Stopwatch.GetTimestamp();

        while (!_queue.IsCompleted)
        {
            var left = _saving - Stopwatch.GetElapsedTime(lastSave);
            _queue.WaitForEvent(_file.IsSaved ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left : TimeSpan.Zero);

            if (_queue.TryTake(out var first))
            {
                _queue.WaitForEnd(_gathering);
                Write(first);
            }

            if (Stopwatch.GetElapsedTime(lastSave) >= _saving)
            {
                Try(Save);
                lastSave = Stopwatch.GetTimestamp();
            }
        }

        Write(null);
        Try(Save);
    }

    /// <summary>Writes an event and what waits behind it; what is missing is told once nothing more waits.</summary>
    private void Write(QueuedEvent? first)
    {
        for (var next = first; ; next = Next())
        {
            for (; next is { } entry; next = _batch.WrittenCount < BytesAtOnce ? Next() : null)
                Add(entry.At, entry.Event);

            if (_queue.TakeGap() is { } gap)
            {
                AuditRecords.WriteGap(_batch, _time.GetUtcNow(), gap);
                _batched += gap.Lost;
            }

            if (_batch.WrittenCount == 0)
                return;

            _unwritten = _batch.WrittenMemory;

            while (!_unwritten.IsEmpty && !Try(Append))
            {
                if (_queue.WaitForEnd(_retryDelay))
                {
                    GiveUp();
                    return;
                }
            }

            Forget();
        }
    }

    private void Forget()
    {
        _batch.ResetWrittenCount();
        _batched = 0;
    }

    private QueuedEvent? Next() => _queue.TryTake(out var next) ? next : null;

    private void Add(DateTimeOffset at, AuditEvent audited)
    {
        _record.ResetWrittenCount();

        try
        {
            AuditRecords.Write(_record, at, audited);
        }
        catch (Exception e)
        {
            // One that cannot be written must not end the record of all others.
            Log.NotRecorded(_logger, e);
            _queue.Miss(at);
            return;
        }

        _batch.Write(_record.WrittenSpan);
        _batched++;
    }

    /// <summary>The host ends while nothing can be written.</summary>
    private void GiveUp()
    {
        var lost = _batched;

        while (Next() is not null)
            lost++;

        lost += _queue.TakeGap()?.Lost ?? 0;

        Forget();
        Log.Incomplete(_logger, lost);
    }

    private void Append() => _file.Append(DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime), ref _unwritten);

    private void Save()
    {
        if (_file.IsSaved)
            return;

        _file.Save();

        if (_isFailing)
            Log.WritesAgain(_logger);

        _isFailing = false;
    }

    private bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e)
        {
            if (!_isFailing)
                Log.Failing(_logger, e);

            _isFailing = true;
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit record cannot be written (audit/ below " + StateOptions.RootKey + "); it is tried again")]
        public static partial void Failing(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The audit record is written again; where events are missing it tells how many")]
        public static partial void WritesAgain(ILogger logger);

        [LoggerMessage(3, LogLevel.Error, "The last {Lost} events are missing in the audit record: they could not be written before the host ended")]
        public static partial void Incomplete(ILogger logger, long lost);

        [LoggerMessage(4, LogLevel.Error, "An event is missing in the audit record")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}
