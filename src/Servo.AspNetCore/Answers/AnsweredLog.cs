using System.Buffers;
using System.Text;
using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>Takes the next piece of a log's text.</summary>
internal delegate void TextPiece(ReadOnlySpan<byte> text, bool endsLine);

/// <summary>
/// Reads a log as the answers carry it that come at the end: of the scripts' output never more than the limit, of the gateway's own lines
/// all, as they are few and say how the run went.
/// </summary>
internal sealed class AnsweredLog(FollowRun follow, IOptions<OutputOptions> options)
{
    private readonly long _maxBytes = options.Value.MaxBytes;

    public async Task ReadAsync(Run run, TextPiece write, Func<ValueTask> flush, CancellationToken cancellationToken)
    {
        var scratch = new ArrayBufferWriter<byte>();
        var kept = 0L;
        var isFull = false;
        var lineOpen = false;

        await foreach (var slice in follow.LogAsync(run.Id, 1, cancellationToken))
        {
            if (isFull && !LogRecords.HasGatewayLine(slice.Span))
                continue;

            for (var records = slice; LogRecords.TryTake(ref records, out var record);)
            {
                if (LogRecords.OutputOf(record.Span, scratch, out var text) is not { } output || (isFull && !output.IsGateways))
                    continue;

                // Even of an empty line there is one piece.
                do
                {
                    RunEvent.Output.TryTakeLine(ref text, out var line, out var isWhole);
                    isWhole |= output.IsOneLine;

                    if (!output.IsGateways && (kept += line.Length + (isWhole ? 1 : 0)) > _maxBytes)
                    {
                        isFull = true;

                        if (lineOpen)
                            write([], endsLine: true);

                        lineOpen = false;
                        write(Encoding.UTF8.GetBytes(LostOutput.NotKept(_maxBytes, OutputOptions.MaxBytesKey)), endsLine: true);
                        break;
                    }

                    write(line, isWhole);
                    lineOpen = !isWhole;
                }
                while (!text.IsEmpty);
            }

            await flush();
        }

        // Its host ended in the middle of it.
        if (lineOpen)
            write([], endsLine: true);

        // Nobody was there to write why: the run never started, or its host is gone.
        if (run.Failure is { } failure && (run.Started is null || run.State == RunState.Lost))
            write(Encoding.UTF8.GetBytes($"failure ({failure.Detail})"), endsLine: true);
    }
}
