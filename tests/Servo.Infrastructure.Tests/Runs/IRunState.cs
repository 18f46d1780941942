using Servo.Application.Logs;
using Servo.Application.Runs;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>The adapters of one store, fresh and empty.</summary>
public interface IRunState : IDisposable
{
    IRunStore Store { get; }

    IHostLease Lease { get; }

    IRunLog Log { get; }

    IBundleStore Bundles { get; }

    IRunSignals Signals { get; }

    /// <summary>Opens the same store anew, as the next process does.</summary>
    IRunState Reopen();
}
