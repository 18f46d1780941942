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
    private static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(2);

    /// <summary>Waits for a run that was posted, and answers with it; or returns why it was given up before it started.</summary>
    public async Task<Refusal?> SendAsync(HttpContext context, SubmittedRun submitted)
    {
        var accepted = new AcceptedTypes(context.Request.Headers.Accept);

        if (FormatOf(accepted) is { } format)
        {
            await (submitted.IsNew ? WriteAsync(context, format, submitted.Id, after: 0) : StreamAsync(context, format, submitted.Id, after: 0));
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
    /// Sends the events of a run to somebody who may come back for them, from the one behind this number on. A stop of the host does not wait for its reader.
    /// </summary>
    public async Task StreamAsync(HttpContext context, IEventFormat format, RunId id, long after)
    {
        using var done = new CancellationTokenSource();
        using var stop = lifetime.ApplicationStopping.UnsafeRegister(_ => _ = EndAtStopAsync(context, id, done.Token), null);

        try
        {
            await WriteAsync(context, format, id, after);
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

    private Task WriteAsync(HttpContext context, IEventFormat format, RunId id, long after)
    {
        ConnectionPlaces.Keep(context, ConnectionHold.Run);
        return new StreamedAnswer(context, format, time).SendAsync(follow.FromAsync(id, after, context.RequestAborted), context.RequestAborted);
    }

    /// <summary>Breaks a stream off once the host has no more to tell: its run has ended, or the next host executes it.</summary>
    private async Task EndAtStopAsync(HttpContext context, RunId id, CancellationToken done)
    {
        try
        {
            await (live.Find(id)?.Ended ?? Task.CompletedTask).WaitAsync(done);
            await Task.Delay(_lastWords, time, done);
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
        var ended = await follow.EndAsync(submitted.Id, context.RequestAborted);

        if ((submitted.Dropped ?? (ended is null ? new Refusal.UnknownRun() : null)) is { } refusal)
            return refusal;

        await send(ended!.Run);
        return null;
    }
}
