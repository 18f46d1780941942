using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>The logs of one process, gone with it.</summary>
public sealed class MemoryRunLog : IRunLog, IRunSignals
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, List<Kept>> _logs = [];
    private readonly List<Signal> _signals = [];

    /// <summary>Called before records are added; a test may throw in it.</summary>
    public Action<RunId, ReadOnlyMemory<byte>> OnAppend { get; set; } = (_, _) => { };

    public Task<bool> AppendAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records)
    {
        OnAppend(claim.Run, records);

        lock (_gate)
        {
            if (!_logs.TryGetValue(claim.Run, out var log))
                _logs[claim.Run] = log = [];

            if (first != NextOf(claim.Run))
                return Task.FromResult(false);

            while (LogRecords.TryTake(ref records, out var record))
            {
                var head = RecordHead.Of(record.Span);
                log.Add(new Kept(head.Next, [.. record.Span, (byte)'\n']));
            }

            return Task.FromResult(true);
        }
    }

    public Task<bool> CompleteAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records) =>
        records.IsEmpty ? Task.FromResult(true) : AppendAsync(claim, first, records);

    public ValueTask<LogSlice> ReadAsync(RunId run, LogPosition from, int maxBytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var records = _logs.GetValueOrDefault(run)?.SkipWhile(record => record.Next <= from.Number).ToList() ?? [];
            return ValueTask.FromResult(
                records.Count == 0 ? new LogSlice(default, from) : new LogSlice(records.SelectMany(record => record.Bytes).ToArray(), LogPosition.Of(records[^1].Next)));
        }
    }

    public Task<long> LastAsync(RunId run)
    {
        lock (_gate)
            return Task.FromResult(NextOf(run) - 1);
    }

    public Task<long> LengthAsync(RunId run)
    {
        lock (_gate)
            return Task.FromResult(_logs.GetValueOrDefault(run)?.Sum(record => record.Bytes.LongLength) ?? 0);
    }

    public Task DeleteAsync(RunId run)
    {
        lock (_gate)
            _logs.Remove(run);

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<RunId>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<RunId>>([.. _logs.Keys]);
    }

    public void Tell(RunId run)
    {
        lock (_gate)
            _signals.Where(signal => signal.Run == run).ToList().ForEach(signal => signal.Set());
    }

    public IRunSignal Listen(RunId run)
    {
        lock (_gate)
        {
            var signal = new Signal(this, run);
            _signals.Add(signal);
            return signal;
        }
    }

    private long NextOf(RunId run) => _logs.GetValueOrDefault(run) is [.., { } last] ? last.Next : 1;

    private sealed record Kept(long Next, byte[] Bytes);

    private sealed class Signal(MemoryRunLog logs, RunId run) : IRunSignal
    {
        private readonly SemaphoreSlim _told = new(0);

        public RunId Run => run;

        public void Set() => _told.Release();

        public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => await _told.WaitAsync(atMost, cancellationToken);

        public void Dispose()
        {
            lock (logs._gate)
                logs._signals.Remove(this);
        }
    }
}
