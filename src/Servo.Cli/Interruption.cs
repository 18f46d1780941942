using System.Runtime.InteropServices;

namespace Servo.Cli;

/// <summary>
/// SIGINT and SIGTERM as a cancellation token. A second signal, or the end of the grace period, exits the process immediately.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A read of standard input, or a write to a stopped reader, cannot be cancelled.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source = new();
    private readonly Timer _end = new(static _ => Environment.Exit(ExitCode.Interrupted));
    private readonly PosixSignalRegistration[] _signals;

    public Interruption() =>
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt),
        ];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();

        _end.Dispose();
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested)
            return;

        signal.Cancel = true;
        _end.Change(_grace, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
