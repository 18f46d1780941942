using System.Buffers;
using Microsoft.Extensions.Options;
using Servo.Domain;

namespace Servo.Application.Uploads;

/// <summary>
/// Bounds what is not verified yet: how many uploads arrive at the same time, in all and from one sender, how many bytes they hold, and for how long.
/// Where there is no room, an upload that makes little progress is given up for the newcomer: docs/decisions/0013 has the rule and its reasons.
/// </summary>
public sealed class UploadPlaces(IOptions<UploadOptions> options, IUploadCapacity capacity, TimeProvider time) : IDisposable
{
    /// <summary>
    /// What of an upload arrives in memory, without a place: most are no larger, and a sender of less takes nothing from others.
    /// </summary>
    private const int HeadBytes = 64 * 1024;

    /// <summary>What every upload has to arrive in, whoever else waits: a burst of callers queues instead of displacing itself.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    /// <summary>How long a newcomer waits before it may displace a brisk upload.</summary>
    private static readonly TimeSpan _displacementDelay = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _shortestLook = TimeSpan.FromMilliseconds(20);

    private readonly int _max = Max(options.Value, capacity);
    private readonly int _maxPerSender = options.Value.EffectiveMaxPerAddress(Max(options.Value, capacity));
    private readonly long _maxBytes = options.Value.EffectiveMaxPendingBytes;
    private readonly TimeSpan _timeout = options.Value.Timeout;

    // What is whole is quickly dealt with, but takes a descriptor: many at once wait for each other.
    private readonly SemaphoreSlim _whole = new(Max(options.Value, capacity));

    private readonly Lock _gate = new();
    private readonly List<UploadPlace> _arriving = [];
    private readonly Dictionary<string, int> _arrivingFrom = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<UploadPlace>> _waitingFrom = new(StringComparer.Ordinal);
    private ITimer? _nextLook;
    private long _bytes;
    private TaskCompletionSource _left = NewSignal();

    /// <summary>
    /// Calls <paramref name="receive"/> with the body, which waits for a place where it needs one, and cancels it where the place is lost;
    /// the refusal says why. What it has written must be gone when it does not succeed. <paramref name="aborted"/> is the end that the
    /// sender itself makes; it is thrown.
    /// </summary>
    public async Task<Result<T>> ReceiveAsync<T>(
        UploadSender? sender, Stream body, Func<Stream, CancellationToken, Task<Result<T>>> receive, CancellationToken aborted)
        where T : notnull
    {
        using var place = new UploadPlace(sender?.Name ?? "", time, _timeout, aborted);
        var head = ArrayPool<byte>.Shared.Rent(HeadBytes);

        try
        {
            var arriving = new ArrivingStream(
                body,
                head.AsMemory(0, HeadBytes),
                () => EnterAsync(place, sender),
                () => TakeTurnAsync(place),
                bytes => TakeAsync(place, bytes));
            return await receive(arriving, place.Lost);
        }
        catch (Exception e) when (place.Why is not null && !aborted.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            return place.Why;
        }
        finally
        {
            Leave(place);

            if (place.HasTurn)
                _whole.Release();

            ArrayPool<byte>.Shared.Return(head);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _nextLook?.Dispose();
        _whole.Dispose();
    }

    private async Task EnterAsync(UploadPlace place, UploadSender? sender)
    {
        lock (_gate)
        {
            if (!_waitingFrom.TryGetValue(place.Sender, out var line))
                _waitingFrom[place.Sender] = line = new();

            line.Enqueue(place);
        }

        Admit();
        await place.Admitted.WaitAsync(place.Lost);
        sender?.Admitted?.Invoke();
    }

    private async Task TakeTurnAsync(UploadPlace place)
    {
        await _whole.WaitAsync(place.Lost);
        place.HasTurn = true;
    }

    private void Leave(UploadPlace place)
    {
        TaskCompletionSource left;

        lock (_gate)
        {
            place.HasLeft = true;
            Remove(place);
            _bytes -= place.Bytes;
            (left, _left) = (_left, NewSignal());
        }

        left.TrySetResult();
        Admit();
    }

    /// <summary>Lets in whom there is room for.</summary>
    private void Admit()
    {
        List<UploadPlace> displaced = [];

        lock (_gate)
        {
            var now = time.GetTimestamp();

            while (TakeNext(now, displaced) is { } next)
            {
                _arriving.Add(next);
                _arrivingFrom[next.Sender] = Count(next.Sender) + 1;
                next.Enter(now);
            }

            LookAgain(now);
        }

        displaced.ForEach(place => place.End(new Refusal.UploadDisplaced()));
    }

    /// <summary>Takes the next of those that wait, from the sender with the fewest uploads that are arriving, and makes room for it.</summary>
    private UploadPlace? TakeNext(long now, List<UploadPlace> displaced)
    {
        if (_waitingFrom.Count == 0)
            return null;

        var slowest = Victim(_arriving, now, mayBeBrisk: false);
        var last = Victim(_arriving, now, mayBeBrisk: true);

        foreach (var (sender, line) in _waitingFrom.OrderBy(waiting => Count(waiting.Key)).ToList())
        {
            while (line.TryPeek(out var gone) && (gone.HasLeft || gone.Lost.IsCancellationRequested))
                line.Dequeue();

            if (!line.TryPeek(out var next))
            {
                _waitingFrom.Remove(sender);
                continue;
            }

            var mayDisplaceBrisk = time.GetElapsedTime(next.Came, now) >= _displacementDelay;
            var isSenderFull = Count(sender) >= _maxPerSender;
            var victim = isSenderFull ? Victim(_arriving.Where(place => place.Sender == sender), now, mayDisplaceBrisk) : mayDisplaceBrisk ? last : slowest;

            if (victim is null && (isSenderFull || _arriving.Count >= _max))
                continue;

            if (isSenderFull || _arriving.Count >= _max)
            {
                Remove(victim!);
                displaced.Add(victim!);
            }

            return line.Dequeue();
        }

        return null;
    }

    /// <summary>The upload that made the least progress lately, for its sender's share of the places.</summary>
    private UploadPlace? Victim(IEnumerable<UploadPlace> places, long now, bool mayBeBrisk) => places
        .Where(place => time.GetElapsedTime(place.Since, now) >= _grace && (mayBeBrisk || !place.IsBrisk(now)))
        .MinBy(place => (place.Progress(now) / Count(place.Sender), place.Bytes));

    /// <summary>Looks again when the next upload has had its grace, as nobody may come or leave until then.</summary>
    private void LookAgain(long now)
    {
        if (_waitingFrom.Count == 0 || _arriving.Count == 0)
            return;

        var left = _grace - _arriving.Max(place => time.GetElapsedTime(place.Since, now));
        _nextLook ??= time.CreateTimer(_ => Admit(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _nextLook.Change(left > _shortestLook ? left : _shortestLook, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts bytes that have arrived; where they are too many, waits until others have left for them.</summary>
    private async ValueTask TakeAsync(UploadPlace place, int bytes)
    {
        lock (_gate)
        {
            place.Arrived(bytes, time.GetTimestamp());
            _bytes += bytes;
        }

        while (LackOfRoom(place, out var left, out var displaced))
        {
            displaced.ForEach(victim => victim.End(new Refusal.UploadDisplaced()));
            await left.WaitAsync(place.Lost);
        }
    }

    private bool LackOfRoom(UploadPlace place, out Task left, out List<UploadPlace> displaced)
    {
        lock (_gate)
        {
            (left, displaced) = (_left.Task, []);

            // One alone has its own limit (UploadOptions.MaxBytes), beside which a form may hold a little more.
            if (_bytes <= _maxBytes || _bytes == place.Bytes)
                return false;

            var now = time.GetTimestamp();

            while (_arriving.Count > 1 && _arriving.Sum(other => other.Bytes) > _maxBytes)
            {
                var victim = VictimForBytes(now);
                Remove(victim);
                displaced.Add(victim);
            }

            return true;
        }
    }

    /// <summary>As <see cref="Victim"/>, for its sender's share of the bytes, among those whose end frees at least the average.</summary>
    private UploadPlace VictimForBytes(long now)
    {
        var average = _arriving.Average(place => (double)place.Bytes);
        var bytesFrom = _arriving.GroupBy(place => place.Sender).ToDictionary(places => places.Key, places => (double)places.Sum(place => place.Bytes));

        return _arriving.Where(place => place.Bytes >= average).MinBy(place => (place.Progress(now) / bytesFrom[place.Sender], place.Bytes))!;
    }

    private void Remove(UploadPlace place)
    {
        if (_arriving.Remove(place) && --_arrivingFrom[place.Sender] == 0)
            _arrivingFrom.Remove(place.Sender);
    }

    private int Count(string sender) => _arrivingFrom.GetValueOrDefault(sender);

    private static int Max(UploadOptions options, IUploadCapacity capacity) => Math.Min(options.MaxConcurrent, capacity.Uploads);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
