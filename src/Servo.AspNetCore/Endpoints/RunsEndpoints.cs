using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.AspNetCore.Answers;
using Servo.AspNetCore.Connections;
using Servo.AspNetCore.Refusals;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Endpoints;

/// <summary>
/// <c>/runs</c>: what was accepted, is executed and has ended. Every request is signed with the servo token; without it there is nothing to
/// see.
/// </summary>
internal sealed class RunsEndpoints(
    IRunStore store, FollowRun follow, CancelRun cancel, RunAnswers answers, LogText text, SignedRequests signed, TimeProvider time)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    private static readonly string[] _reads = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] _ofList = ["state", "script", "since", "limit", "after"];
    private static readonly string[] _ofEvents = ["after", "limit"];
    private static readonly string[] _ofLog = ["from"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/runs", _reads, context => Of(context).SignedAsync(context, _ofList, Of(context).ListAsync));
        MapRun(routes, "/runs/{id}", _reads, [], endpoints => endpoints.ShowAsync);
        MapRun(routes, "/runs/{id}", [HttpMethods.Delete], [], endpoints => endpoints.CancelAsync);
        MapRun(routes, "/runs/{id}/events", [HttpMethods.Get], _ofEvents, endpoints => endpoints.EventsAsync);
        MapRun(routes, "/runs/{id}/log", _reads, _ofLog, endpoints => endpoints.LogAsync);
    }

    private static void MapRun(
        IEndpointRouteBuilder routes, string pattern, string[] methods, string[] parameters, Func<RunsEndpoints, Func<HttpContext, RunRecord, Task>> answer) =>
        routes.MapMethods(pattern, methods, context => Of(context).OfRunAsync(context, parameters, answer(Of(context))));

    private static RunsEndpoints Of(HttpContext context) => context.RequestServices.GetRequiredService<RunsEndpoints>();

    private async Task SignedAsync(HttpContext context, string[] parameters, Func<HttpContext, Task> answer)
    {
        var refusal = signed.IsSigned(context.Request)
            ? QueryParameters.RefusalOf(context.Request.Query, parameters)
            : (Refusal)new Refusal.BadRequestSignature();

        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        try
        {
            await answer(context);
        }
        catch (Exception e) when (HangUp.Explains(e, context))
        {
            // The caller is gone: nothing else is lost.
        }
    }

    private Task OfRunAsync(HttpContext context, string[] parameters, Func<HttpContext, RunRecord, Task> answer) =>
        SignedAsync(context, parameters, async _ =>
        {
            if (RunId.TryParse((string)context.Request.RouteValues["id"]!, out var id) && await follow.FindAsync(id, context.RequestAborted) is { } record)
                await answer(context, record);
            else
                await RefuseAsync(context, new Refusal.UnknownRun());
        });

    private async Task ListAsync(HttpContext context)
    {
        if (!QueryOf(context.Request).TryGet(out var query, out var refusal))
        {
            await RefuseAsync(context, refusal);
            return;
        }

        var page = await store.ListAsync(query, context.RequestAborted);

        await WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("runs");

            foreach (var record in page.Runs)
                RunJson.WriteRecord(json, record);

            json.WriteEndArray();
            json.WriteString("next", page.Next?.ToString());
            json.WriteEndObject();
        });
    }

    private Task ShowAsync(HttpContext context, RunRecord record) => WriteJsonAsync(context, json => RunJson.WriteRecord(json, record));

    private async Task CancelAsync(HttpContext context, RunRecord record)
    {
        if (await cancel.ExecuteAsync(record.Run.Id, Caller.Of(context), context.RequestAborted) is { } reached)
            await ShowAsync(context, reached);
        else
            await RefuseAsync(context, new Refusal.UnknownRun());
    }

    private async Task EventsAsync(HttpContext context, RunRecord record)
    {
        var text = context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last] ? last : context.Request.Query["after"].ToString();

        if (!NumberIn(text.Length == 0 ? "0" : text, least: 0, out var after))
            await RefuseAsync(context, new Refusal.Malformed("Last-Event-ID, or after, must be the number of an event."));
        else if (RunAnswers.FormatOf(new AcceptedTypes(context.Request.Headers.Accept)) is not { } format)
            await PageAsync(context, record, after);
        else if (record.Run.HasEnded && after >= await follow.EndNumberAsync(record.Run.Id))
            // Tells an EventSource that there is nothing to come back for (WHATWG HTML, section 9.2.2).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await answers.StreamAsync(context, format, record.Run.Id, after);
    }

    /// <summary>The events that there are behind a number, at most so many; a run that waits has one, which says for what.</summary>
    private async Task PageAsync(HttpContext context, RunRecord record, long after)
    {
        if (!NumberIn(context.Request.Query["limit"] is [{ Length: > 0 } given] ? given : "1000", least: 1, out var limit))
        {
            await RefuseAsync(context, new Refusal.Malformed("limit must be a number from 1 on."));
            return;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        var body = new PacedWriter(context, time);
        var format = new NdjsonFormat();
        long? end = record.Run.HasEnded ? await follow.EndNumberAsync(record.Run.Id) : null;
        var next = after;
        body.Target.Write("{\"events\":["u8);
        MadeEvents.TryWriteWait(body.Target, format, record, after);

        await foreach (var slice in follow.RecordsAsync(record.Run.Id, after + 1, context.RequestAborted))
        {
            for (var records = slice; next - after < limit && LogRecords.TryTake(ref records, out var one); next++)
            {
                Separate();
                body.Target.Write(one.Span);
            }

            await body.FlushAsync();

            if (next - after >= limit)
                break;
        }

        if (next + 1 == end && next - after < limit)
        {
            Separate();
            MadeEvents.WriteResult(body.Target, format, record.Run, ++next);
        }

        // Behind the end there is nothing more.
        body.Target.Write(next >= end ? "],\"next\":null}"u8 : Encoding.UTF8.GetBytes($"],\"next\":{next}}}"));

        void Separate()
        {
            if (next > after)
                body.Target.Write(","u8);
        }
    }

    private async Task LogAsync(HttpContext context, RunRecord record)
    {
        var given = context.Request.Query["from"].ToString();

        if (!NumberIn(given.Length == 0 ? "1" : given, least: 1, out var from))
        {
            await RefuseAsync(context, new Refusal.Malformed("from must be the number of an event, from 1 on."));
            return;
        }

        if (await text.SendAsync(context, record.Run, from) is { } refusal)
            await RefuseAsync(context, refusal);
    }

    private static Result<RunQuery> QueryOf(HttpRequest request)
    {
        var query = request.Query;
        var result = new RunQuery(DefaultLimit);

        if (query["limit"].ToString() is { Length: > 0 } limit)
        {
            if (!NumberIn(limit, least: 1, out var number) || number > MaxLimit)
                return new Refusal.Malformed($"limit must be a number from 1 to {MaxLimit}.");

            result = result with { Limit = (int)number };
        }

        if (query["state"].ToString() is { Length: > 0 } name)
        {
            if (!RunStateNames.TryParse(name, out var state))
                return new Refusal.Malformed($"state must be one of {string.Join(", ", RunStateNames.All)}.");

            result = result with { State = state };
        }

        if (query["since"].ToString() is { Length: > 0 } since)
        {
            if (!DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
                return new Refusal.Malformed("since must be a time in the form of RFC 3339, such as 2026-01-31T12:00:00Z.");

            result = result with { Since = moment };
        }

        if (query["after"].ToString() is { Length: > 0 } after)
        {
            if (!RunId.TryParse(after, out var id))
                return new Refusal.Malformed("after must be the member next of the page before.");

            result = result with { After = id };
        }

        return query["script"].ToString() is { Length: > 0 } script ? result with { Script = script } : result;
    }

    private static bool NumberIn(string text, long least, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number < long.MaxValue;

    private static async Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = RunJson.Writer(context.Response.BodyWriter);
        write(json);
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal) => RefusalStatus.From(refusal).ExecuteAsync(context);
}
