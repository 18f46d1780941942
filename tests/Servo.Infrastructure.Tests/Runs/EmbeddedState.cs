using Microsoft.Extensions.Logging.Abstractions;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Infrastructure.Logs;
using Servo.Infrastructure.Runs;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Runs;

/// <summary>The store of a single host, in a folder of its own.</summary>
internal sealed class EmbeddedState : IRunState
{
    private readonly TempDirectory? _temporary;
    private readonly LogSaver _saver;
    private readonly FileRunLog _log;

    public EmbeddedState(TimeProvider? time = null)
        : this(new TempDirectory(), time)
    {
    }

    public EmbeddedState(string root, TimeProvider? time = null)
    {
        Directory = new StateDirectory(root);

        try
        {
            Database = new RunDatabase(Directory);
        }
        catch
        {
            Directory.Dispose();
            throw;
        }

        _saver = new LogSaver(Directory, time ?? TimeProvider.System, NullLogger<LogSaver>.Instance);
        var reserve = new StateReserve(Directory);
        _log = new FileRunLog(Directory, reserve, _saver);
        Store = new SqliteRunStore(Database, reserve);
        Lease = new SqliteHostLease(Database, _log);
        Bundles = new FileBundleStore(Directory);
    }

    private EmbeddedState(TempDirectory temporary, TimeProvider? time)
        : this(temporary.File("state"), time) => _temporary = temporary;

    public StateDirectory Directory { get; }

    public RunDatabase Database { get; }

    public IRunStore Store { get; }

    public IHostLease Lease { get; }

    public IRunLog Log => _log;

    public IBundleStore Bundles { get; }

    public IRunSignals Signals { get; } = new InProcessRunSignals();

    public IRunState Reopen()
    {
        Close();
        return new EmbeddedState(Directory.Path);
    }

    public void Dispose()
    {
        Close();
        _temporary?.Dispose();
    }

    private void Close()
    {
        _log.Dispose();
        _saver.Dispose();
        Database.Dispose();
        Directory.Dispose();
    }
}
