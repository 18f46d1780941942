using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Net.Http.Headers;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>
/// The lines of a log as text. That of a run that has ended is fixed: it has an ETag, and a part of it can be asked for. Its length is
/// counted by one more pass over the log, which nobody else pays for.
/// </summary>
internal sealed class LogText(FollowRun follow, TimeProvider time)
{
    /// <summary>Sends the text from the record of this number on, as far as it has come, or its head alone; or returns why not.</summary>
    public async Task<Refusal?> SendAsync(HttpContext context, Run run, long from)
    {
        var response = context.Response;
        (long Start, long End) part = (0, long.MaxValue);

        // Only GET knows ranges (RFC 9110, section 14.2).
        var isHead = HttpMethods.IsHead(context.Request.Method);

        if (run.Ended is { } ended)
        {
            var tag = new EntityTagHeaderValue($"\"{run.Id}-{ended.ToUnixTimeMilliseconds()}\"");
            (response.Headers.ETag, response.Headers.AcceptRanges) = (tag.ToString(), "bytes");

            if (!isHead && ByteRange.Of(context.Request.GetTypedHeaders(), tag) is { } range)
            {
                var length = await LengthAsync(run.Id, from, context.RequestAborted);

                if (range.In(length) is not { } found)
                {
                    response.Headers.ContentRange = $"bytes */{length}";
                    return new Refusal.RangeNotSatisfiable(length);
                }

                part = found;
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.Headers.ContentRange = $"bytes {part.Start}-{part.End - 1}/{length}";
                response.ContentLength = part.End - part.Start;
            }
        }

        response.ContentType = "text/plain; charset=utf-8";

        if (!isHead)
            await WriteAsync(context, run.Id, from, part);

        return null;
    }

    private async Task WriteAsync(HttpContext context, RunId id, long from, (long Start, long End) part)
    {
        var body = new PacedWriter(context, time);
        var position = 0L;

        await foreach (var piece in PiecesAsync(id, from, context.RequestAborted))
        {
            var first = Math.Clamp(part.Start - position, 0, piece.Length);
            var end = Math.Clamp(part.End - position, first, piece.Length);
            body.Target.Write(piece.Span[(int)first..(int)end]);
            await body.FlushAsync();

            if ((position += piece.Length) >= part.End)
                return;
        }

        // What was counted is kept no longer: only a connection that breaks off tells that.
        if (context.Response.ContentLength is not null)
            context.Abort();
    }

    private async Task<long> LengthAsync(RunId id, long from, CancellationToken cancellationToken)
    {
        var length = 0L;

        await foreach (var piece in PiecesAsync(id, from, cancellationToken))
            length += piece.Length;

        return length;
    }

    /// <summary>The text, piece by piece; each is valid until the next.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(RunId id, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>();
        var scratch = new ArrayBufferWriter<byte>();

        await foreach (var slice in follow.LogAsync(id, from, cancellationToken))
        {
            text.ResetWrittenCount();

            for (var records = slice; LogRecords.TryTake(ref records, out var one);)
            {
                if (LogRecords.OutputOf(one.Span, scratch, out var part) is not { } output)
                    continue;

                text.Write(part);

                if (output.IsOneLine)
                    text.Write("\n"u8);
            }

            yield return text.WrittenMemory;
        }
    }
}
