using Servo.Application.Auditing;

namespace Servo.Infrastructure.Auditing;

/// <summary>An event on its way into the record, and when it happened.</summary>
internal readonly record struct QueuedEvent(DateTimeOffset At, AuditEvent Event);

/// <summary>
/// Events that wait for the disk, at most so many; of those past them, and of those that come once it is closed, only the number is kept.
/// </summary>
internal sealed class AuditQueue(int capacity)
{
    // A monitor, as a thread that waits at one sleeps at once; every other wait spins first, at the cost of the runs.
    private readonly object _gate = new();
    private readonly Queue<QueuedEvent> _events = [];
    private AuditGap? _gap;
    private bool _isAwaited;
    private bool _isClosed;

    /// <summary>Whether it was closed and all that was in it was taken.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate)
                return _isClosed && _events.Count == 0;
        }
    }

    /// <summary>Adds an event, or counts it where there is no room.</summary>
    public void Add(QueuedEvent added)
    {
        lock (_gate)
        {
            if (_isClosed || _events.Count == capacity)
            {
                _gap = AuditGap.Add(_gap, added.At);
                return;
            }

            _events.Enqueue(added);

            // Only the first event wakes the thread; those that come while it gathers do not.
            if (_isAwaited)
                Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Counts an event that cannot be written.</summary>
    public void Miss(DateTimeOffset at)
    {
        lock (_gate)
            _gap = AuditGap.Add(_gap, at);
    }

    /// <summary>Takes no more events, and ends every wait.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until there is an event, it is closed, or the time has passed.</summary>
    public void WaitForEvent(TimeSpan timeout)
    {
        lock (_gate)
        {
            _isAwaited = _events.Count == 0 && !_isClosed;

            if (_isAwaited)
                Monitor.Wait(_gate, timeout);

            _isAwaited = false;
        }
    }

    /// <summary>Waits for so long, or until it is closed; returns whether it is.</summary>
    public bool WaitForEnd(TimeSpan timeout)
    {
        var end = Environment.TickCount64 + (long)timeout.TotalMilliseconds;

        lock (_gate)
        {
            while (!_isClosed && end - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_gate, (int)left);

            return _isClosed;
        }
    }

    /// <summary>Takes the next event.</summary>
    public bool TryTake(out QueuedEvent taken)
    {
        lock (_gate)
            return _events.TryDequeue(out taken);
    }

    /// <summary>What is missing behind the events that were taken: told once no event waits, so that the record keeps its order.</summary>
    public AuditGap? TakeGap()
    {
        lock (_gate)
        {
            if (_events.Count > 0)
                return null;

            var gap = _gap;
            _gap = null;
            return gap;
        }
    }
}
