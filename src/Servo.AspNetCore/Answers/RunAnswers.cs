using Servo.Application.Runs;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Answers with a run, in the form that its caller accepts.</summary>
internal sealed class RunAnswers(FollowRun follow, AnsweredLog log, LiveRuns live, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>At a stop, the time to read the end of a run, or that there is none yet.</summary>
    private static readonly TimeSpan _readTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Waits for a run that was posted, and answers with it; or returns why it was given up before it started.</summary>
    public async Task<Refusal?> SendAsync(HttpContext context, SubmittedRun submitted)
    {
        var accepted = new AcceptedTypes(context.Request.Headers.Accept);

        if (FormatOf(accepted) is { } format)
        {
            await StreamAsync(context, format, submitted.Id, after: 0, () => submitted.OutlivesItsCaller);
            return null;
        }

        return accepted.Json
            ? await SendAsync(context, submitted, JsonAnswer.Outcome)
            : await SendAtEndAsync(context, submitted, run => TextAnswer.SendAsync(context, log, run, time));
    }

    /// <summary>Waits for a run, and answers with it in a form of JSON; or returns why it was given up before it started.</summary>
    public Task<Refusal?> SendAsync(HttpContext context, SubmittedRun submitted, JsonAnswer form) =>
        SendAtEndAsync(context, submitted, run => form.SendAsync(context, log, run, time));

    /// <summary>
    /// Sends the events of a run to somebody who may come back for them, from the one behind this number on. A stop of the host does not
    /// wait for its reader.
    /// </summary>
    public Task StreamAsync(HttpContext context, IEventFormat format, RunId id, long after) =>
        StreamAsync(context, format, id, after, mayComeBack: static () => true);

    private async Task StreamAsync(HttpContext context, IEventFormat format, RunId id, long after, Func<bool> mayComeBack)
    {
        ConnectionPlaces.Keep(context, ConnectionHold.Run);
        using var done = new CancellationTokenSource();
        using var stop = lifetime.ApplicationStopping.UnsafeRegister(
            _ => _ = mayComeBack() ? EndAtStopAsync(context, id, done.Token) : Task.CompletedTask, null);

        try
        {
            var news = follow.FromAsync(id, after, context.RequestAborted);
            await new StreamedAnswer(context, format, time).SendAsync(news, context.RequestAborted);
        }
        finally
        {
            await done.CancelAsync();
        }
    }

    /// <summary>The form of a stream that is accepted, or <see langword="null"/>.</summary>
    public static IEventFormat? FormatOf(AcceptedTypes accepted) => accepted.Stream switch
    {
        AcceptedTypes.ServerSentEvents => new SseFormat(),
        AcceptedTypes.NewlineDelimitedJson => new NdjsonFormat(),
        _ => null,
    };

    /// <summary>Breaks a stream off once the host has no more to tell: its run has ended, or the next host executes it.</summary>
    private async Task EndAtStopAsync(HttpContext context, RunId id, CancellationToken done)
    {
        try
        {
            await (live.Find(id)?.Ended ?? Task.CompletedTask).WaitAsync(done);
            await Task.Delay(_readTimeout, time, done);
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // The stream has come to its end, and the context is another request's.
        }
    }

    private async Task<Refusal?> SendAtEndAsync(HttpContext context, SubmittedRun submitted, Func<Run, Task> send)
    {
        ConnectionPlaces.Keep(context, ConnectionHold.Run);

        var (ended, closed) = await EndAsync(submitted, context.RequestAborted);

        if ((closed ?? submitted.Dropped ?? (ended is null ? new Refusal.UnknownRun() : null)) is { } refusal)
            return refusal;

        await send(ended!.Run);
        return null;
    }

    /// <summary>
    /// Waits for the end of a run, where there is one; at a stop no longer for one that this host does not execute any more, and that its
    /// caller may attach to again.
    /// </summary>
    private async Task<(RunRecord? Ended, Refusal? Closed)> EndAsync(SubmittedRun submitted, CancellationToken hungUp)
    {
        using var waits = CancellationTokenSource.CreateLinkedTokenSource(hungUp);
        using var stop = lifetime.ApplicationStopping.UnsafeRegister(
            _ =>
            {
                if (submitted.OutlivesItsCaller && live.Find(submitted.Id) is null)
                    waits.Cancel();
            },
            null);

        try
        {
            return (await follow.EndAsync(submitted.Id, waits.Token), null);
        }
        catch (OperationCanceledException) when (!hungUp.IsCancellationRequested)
        {
            return (null, new Refusal.ShuttingDown());
        }
    }
}
