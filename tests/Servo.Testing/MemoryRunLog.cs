using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Testing;

/// <summary>The logs of one process, gone with it.</summary>
public sealed class MemoryRunLog : IRunLog, IRunSignals
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunId, List<byte[]>> _logs = [];
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

            if (first != log.Count + 1)
                return Task.FromResult(false);

            while (LogRecords.TryTake(ref records, out var record))
                log.Add([.. record.Span, (byte)'\n']);

            return Task.FromResult(true);
        }
    }

    public Task<bool> CompleteAsync(RunClaim claim, long first, ReadOnlyMemory<byte> records) =>
        records.IsEmpty ? Task.FromResult(true) : AppendAsync(claim, first, records);

    public ValueTask<LogSlice> ReadAsync(RunId run, LogPosition from, int maxBytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var records = _logs.GetValueOrDefault(run)?.Skip((int)from.Number - 1).ToList() ?? [];
            return ValueTask.FromResult(new LogSlice(records.SelectMany(record => record).ToArray(), LogPosition.Of(from.Number + records.Count)));
        }
    }

    public Task<long> LastAsync(RunId run)
    {
        lock (_gate)
            return Task.FromResult((long)(_logs.GetValueOrDefault(run)?.Count ?? 0));
    }

    public Task<long> LengthAsync(RunId run)
    {
        lock (_gate)
            return Task.FromResult(_logs.GetValueOrDefault(run)?.Sum(record => record.LongLength) ?? 0);
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
