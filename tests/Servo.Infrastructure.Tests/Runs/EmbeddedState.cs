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
    private readonly FileRunLog _log;

    public EmbeddedState()
        : this(new TempDirectory())
    {
    }

    public EmbeddedState(string root)
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

        _log = new FileRunLog(Directory);
        Store = new SqliteRunStore(Database);
        Lease = new SqliteHostLease(Database, _log);
        Bundles = new FileBundleStore(Directory);
    }

    private EmbeddedState(TempDirectory temporary)
        : this(temporary.File("state")) => _temporary = temporary;

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
        Database.Dispose();
        Directory.Dispose();
    }
}
