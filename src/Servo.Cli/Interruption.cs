using System.Runtime.InteropServices;

namespace Servo.Cli;

/// <summary>
/// SIGINT and SIGTERM as cancellation tokens. A second signal, or the end of the grace period, exits the process immediately, unless a
/// command asks for time: then the second one is a token as well.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A read of standard input, or a write to a stopped reader, cannot be cancelled.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    // More than a gateway takes to end a run's scripts.
    private static readonly TimeSpan _longGrace = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private readonly Timer _end = new(static _ => Environment.Exit(ExitCode.Interrupted));
    private readonly Timer _leave;
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _takesTime;

    public Interruption()
    {
        _leave = new Timer(_ => Leave());
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _first.Token;

    /// <summary>Cancelled by the second signal, or some time after the first, where a command has asked for time.</summary>
    public CancellationToken LeaveToken => _second.Token;

    /// <summary>Asks for time to end what was begun after the first signal.</summary>
    public void TakeTime() => _takesTime = true;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();

        _end.Dispose();
        _leave.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private void Interrupt(PosixSignalContext signal)
    {
        if (!_first.IsCancellationRequested)
        {
            signal.Cancel = true;

            if (_takesTime)
                _leave.Change(_longGrace, Timeout.InfiniteTimeSpan);
            else
                _end.Change(_grace, Timeout.InfiniteTimeSpan);

            _first.Cancel();
        }
        else if (_takesTime && !_second.IsCancellationRequested)
        {
            signal.Cancel = true;
            Leave();
        }
    }

    private void Leave()
    {
        _end.Change(_grace, Timeout.InfiniteTimeSpan);
        _second.Cancel();
    }
}
