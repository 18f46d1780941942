using Servo.Application.Logs;
using Servo.Domain.Runs;

namespace Servo.Infrastructure.Logs;

/// <summary>Tells those who wait in this process, which is all of them where there is one host.</summary>
internal sealed class InProcessRunSignals : IRunSignals
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RunId, List<Signal>> _listeners = [];

    public void Tell(RunId run)
    {
        lock (_lock)
        {
            foreach (var signal in _listeners.GetValueOrDefault(run) ?? [])
                signal.Set();
        }
    }

    public IRunSignal Listen(RunId run)
    {
        var signal = new Signal(this, run);

        lock (_lock)
        {
            if (!_listeners.TryGetValue(run, out var signals))
                _listeners.Add(run, signals = []);

            signals.Add(signal);
        }

        return signal;
    }

    private void Remove(RunId run, Signal signal)
    {
        lock (_lock)
        {
            if (_listeners.TryGetValue(run, out var signals) && signals.Remove(signal) && signals.Count == 0)
                _listeners.Remove(run);
        }
    }

    private sealed class Signal(InProcessRunSignals signals, RunId run) : IRunSignal
    {
        private readonly SemaphoreSlim _told = new(0);
        private int _isTold;

        public void Set()
        {
            if (Interlocked.Exchange(ref _isTold, 1) == 0)
                _told.Release();
        }

        public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
        {
            // What is told from here on, before the caller has looked, at worst wakes it once more.
            if (await _told.WaitAsync(atMost, cancellationToken))
                Volatile.Write(ref _isTold, 0);
        }

        // The semaphore has no handle of the system as long as nobody asks for one, and Set may still be under way.
        public void Dispose() => signals.Remove(run, this);
    }
}
