using System.Text.Json.Nodes;
using Servo.Application.Runs;
using Servo.Domain;

namespace Servo.Ochopod.Cluster;

/// <summary>How a control task ended.</summary>
internal enum ControlResult
{
    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>There is no such task.</summary>
    Unknown,

    /// <summary>It is not possible as things stand.</summary>
    Refused,

    /// <summary>What it needs did not come with it.</summary>
    Faulty,

    /// <summary>It was not done in time, and goes on.</summary>
    TimedOut,

    /// <summary>The pod was killed and takes no tasks any more.</summary>
    Dead,
}

/// <summary>What a pod's leader, or an operator's tools, turn on and off: whether runs are taken. Tasks are carried out one after the other.</summary>
internal sealed class PodLifecycle : IDisposable
{
    // A drain, with the time to read how its runs ended, is over within the minute that a control request waits.
    private static readonly TimeSpan _drainTimeout = TimeSpan.FromSeconds(50);

    private readonly RunDrain _drain;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly RunAdmission _admission;
    private volatile PodProcess _process = PodProcess.Stopped;
    private bool _leaderMayStart;

    /// <summary>Starts with runs taken; or not, and then until a request to turn it on comes without a payload.</summary>
    public PodLifecycle(PodIdentity pod, RunDrain drain, RunAdmission admission, TimeProvider time)
    {
        (_drain, _admission, _time, _leaderMayStart) = (drain, admission, time, pod.StartsOn);

        if (pod.StartsOn)
            _process = PodProcess.Running;
        else
            _ = admission.CloseAsync(PodClosed.Off);
    }

    /// <summary>What it does with runs now.</summary>
    public PodProcess Process => _process;

    /// <summary>Carries out a task; one that takes longer than <paramref name="limit"/> goes on, and its caller is told so.</summary>
    public async Task<ControlResult> ControlAsync(string task, JsonObject? payload, TimeSpan limit)
    {
        if (Find(task, payload) is not { } action)
            return ControlResult.Unknown;

        if (_process == PodProcess.Dead)
            return ControlResult.Dead;

        try
        {
            return await TakeTurnAsync(action).WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            return ControlResult.TimedOut;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private Func<Task<ControlResult>>? Find(string task, JsonObject? payload) => task switch
    {
        "check" => () => Task.FromResult(HasOnePortal(payload) ? ControlResult.Done : ControlResult.Refused),
        "on" => () => Task.FromResult(TurnOn(payload)),
        "off" => () => StopAsync(PodProcess.Stopped, PodClosed.Off),
        "ok" => () => Task.FromResult(payload is { Count: > 0 } ? ControlResult.Done : ControlResult.Faulty),
        "kill" => () => StopAsync(PodProcess.Dead, PodClosed.Killed),
        "signal" => () => Task.FromResult(ControlResult.Done),
        _ => null,
    };

    private async Task<ControlResult> TakeTurnAsync(Func<Task<ControlResult>> action)
    {
        await _turn.WaitAsync();

        try
        {
            return _process == PodProcess.Dead ? ControlResult.Dead : await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    private static bool HasOnePortal(JsonObject? payload) =>
        payload?["dependencies"] is JsonObject dependencies && PodView.Of(dependencies["portal"]).OnlyOne is not null;

    // The portal is followed by every pod itself, so a change of the dependencies needs no restart and touches no run.
    // A leader configures with a payload, which starts no pod that was deployed to stay off (ochopod_start=false) and never ran; an operator sends none.
    private ControlResult TurnOn(JsonObject? payload)
    {
        _leaderMayStart |= payload is not { Count: > 0 };

        if (_process == PodProcess.Stopped && _leaderMayStart)
        {
            _drain.Reopen();
            _process = PodProcess.Running;
        }

        return ControlResult.Done;
    }

    private async Task<ControlResult> StopAsync(PodProcess final, Refusal.Closed why)
    {
        if (_process == PodProcess.Running)
        {
            _process = PodProcess.Terminating;
            await _drain.DrainAsync(why, _drainTimeout, CancellationToken.None);
        }
        else
        {
            // A pod that was off and is now dead says so.
            _ = _admission.CloseAsync(why);
        }

        _process = final;
        return ControlResult.Done;
    }
}
