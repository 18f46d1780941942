using System.Security.Cryptography;
using Servo.Application.Workspaces;
using Servo.Domain.Runs;

namespace Servo.Application.Callbacks;

/// <summary>A run from its first step to its end, with the tokens that reach it meanwhile.</summary>
public sealed class RunInProgress : IDisposable
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly CancellationTokenSource _ended = new();
    private readonly Action<RunInProgress> _forget;

    internal RunInProgress(RunId id, IWorkspace workspace, RunCallbacks callbacks, Action<RunInProgress> forget) =>
        (Id, Workspace, Callbacks, _forget) = (id, workspace, callbacks, forget);

    /// <summary>Names the run in answers and logs.</summary>
    public RunId Id { get; }

    /// <summary>Where the run lives.</summary>
    public IWorkspace Workspace { get; }

    /// <summary>Opens the callback address: 32 letters and digits.</summary>
    public string CallbackToken { get; } = RandomNumberGenerator.GetString(Alphabet, 32);

    /// <summary>Opens the portal's socket for the run's scripts: 32 letters and digits.</summary>
    public string PortalToken { get; } = RandomNumberGenerator.GetString(Alphabet, 32);

    /// <summary>Cancelled when the run ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>What came to it by callbacks.</summary>
    internal RunCallbacks Callbacks { get; }

    /// <summary>What the run's callbacks hold on disk.</summary>
    internal CallbackBytes CallbackBytes { get; } = new();

    /// <summary>Ends the run: both tokens stop working and commands under way are abandoned.</summary>
    public void Dispose()
    {
        _forget(this);
        _ended.Cancel();
    }
}
