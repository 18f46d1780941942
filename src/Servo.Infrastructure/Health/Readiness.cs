using Servo.Application;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Workspaces;
using Servo.Infrastructure.Runs;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Workspaces;

namespace Servo.Infrastructure.Health;

/// <summary>Tells whether a run that came now would be accepted and could execute.</summary>
internal sealed class Readiness : IReadiness
{
    private static readonly TimeSpan _validFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly RunAdmission _admission;
    private readonly Func<CancellationToken, Task<string?>> _probe;
    private readonly TimeProvider _time;
    private Task<string?> _work = Task.FromResult<string?>(null);
    private Task<string?>? _last;
    private long _endedAt;

    public Readiness(RunAdmission admission, RuntimeDirectory runtime, StateReserve state, SupervisedScriptRunner runner, TimeProvider time)
        : this(admission, cancellationToken => ProbeAsync(runtime, state, runner, cancellationToken), time) =>
        Sandbox = runner.Confinement;

    public Readiness(RunAdmission admission, Func<CancellationToken, Task<string?>> probe, TimeProvider time) =>
        (_admission, _probe, _time) = (admission, probe, time);

    /// <summary>What is out of the scripts' reach, and by what or why not.</summary>
    public string Sandbox { get; } = "";

    /// <summary>
    /// Why not, as a sentence for the operator, or <see langword="null"/>. Also gets an interpreter ready for the next run. However many ask, there is one
    /// probe at a time; its answer holds for a second, and one that takes more than five seconds is an answer, too.
    /// </summary>
    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (_admission.Refusal is { } refusal)
            return refusal.Detail;

        return await CurrentProbe().WaitAsync(cancellationToken);
    }

    private Task<string?> CurrentProbe()
    {
        lock (_gate)
        {
            // A probe that hangs in the kernel is not joined by a second one.
            var isCurrent = !_work.IsCompleted || _last is { IsCompleted: false } || _time.GetElapsedTime(Volatile.Read(ref _endedAt)) < _validFor;
            return isCurrent && _last is not null ? _last : _last = ProbeAsync();
        }
    }

    private async Task<string?> ProbeAsync()
    {
        using var limit = new CancellationTokenSource(_limit, _time);

        try
        {
            _work = Task.Run(() => _probe(limit.Token), CancellationToken.None);
            return await _work.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return $"The interpreter, the workspace root or the folder with the runs did not answer within {_limit.TotalSeconds:0} seconds. "
                + $"Check {ScriptOptions.PythonKey}, {WorkspaceOptions.RootKey} and {StateOptions.RootKey}.";
        }
        finally
        {
            Volatile.Write(ref _endedAt, _time.GetTimestamp());
        }
    }

    private static async Task<string?> ProbeAsync(
        RuntimeDirectory runtime, StateReserve state, SupervisedScriptRunner runner, CancellationToken cancellationToken)
    {
        if (WhyNotKept(state) is { } why)
            return why;

        try
        {
            runtime.Probe();
            await InterpreterProbe.RunAsync(await runner.WarmUpAsync(), cancellationToken);
            return null;
        }
        catch (InterpreterException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"No workspace can be made below {WorkspaceOptions.RootKey}: {e.Message}";
        }
    }

    private static string? WhyNotKept(StateReserve state)
    {
        try
        {
            state.Probe();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Runs cannot be kept below {StateOptions.RootKey}: {(DiskSpace.IsLacking(e) ? "the disk is full" : e.Message)}";
        }
    }
}
