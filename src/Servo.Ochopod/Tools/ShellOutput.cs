using System.Buffers;
using System.Text;
using System.Text.Json;
using Servo.Application;
using Servo.Application.Logs;
using Servo.AspNetCore.Answers;

namespace Servo.Ochopod.Tools;

/// <summary>Keeps what a shell line prints until its end, as UTF-8 with a line feed behind each line, and never more than the limit.</summary>
internal sealed class ShellOutput(ShellSpool spool, long maxBytes) : IRunOutput, IDisposable
{
    private long _kept;
    private bool _full;
    private bool _lineOpen;

    public ValueTask WriteAsync(RunEvent happened)
    {
        if (happened is RunEvent.Output output)
            Keep(output.Text.Span);

        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync() => spool.SpillAsync();

    /// <summary>Sends the exit code and the lines.</summary>
    public async Task SendAsync(HttpContext context, int exitCode, TimeProvider time)
    {
        EndUnfinishedLine();
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = new PacedWriter(context, time);
        await using var json = RunJson.Writer(body.Target);
        json.WriteStartObject();
        json.WriteNumber("code", exitCode);
        json.WriteStartArray("stdout");

        await foreach (var bytes in spool.ReadAsync(context.RequestAborted))
        {
            WriteLines(json, bytes.Span);
            await json.FlushAsync(context.RequestAborted);
            await body.FlushAsync();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Dispose() => spool.Dispose();

    private void Keep(ReadOnlySpan<byte> text)
    {
        while (!_full && RunEvent.Output.TryTakeLine(ref text, out var line, out var isWhole))
        {
            if (spool.Fault is { } fault)
            {
                Close(LostOutput.CouldNotBeKept(
                    _kept, DiskSpace.IsLacking(fault) ? "the gateway's disk is full" : "the gateway's log has the cause"));
                return;
            }

            _kept += line.Length + (isWhole ? 1 : 0);

            if (_kept <= maxBytes)
                Append(line, isWhole);
            else
                Close(LostOutput.NotKept(maxBytes, OutputOptions.MaxBytesKey));
        }
    }

    private void Close(string why)
    {
        _full = true;
        EndUnfinishedLine();
        Append(Encoding.UTF8.GetBytes(why), endsLine: true);
    }

    private void EndUnfinishedLine()
    {
        if (_lineOpen)
            Append([], endsLine: true);
    }

    private void Append(ReadOnlySpan<byte> text, bool endsLine)
    {
        spool.Writer.Write(text);

        if (endsLine)
            spool.Writer.Write("\n"u8);

        _lineOpen = !endsLine;
    }

    /// <summary>Writes a piece of the output: whole lines, and a part of one at either end.</summary>
    private static void WriteLines(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        while (RunEvent.Output.TryTakeLine(ref text, out var line, out var isWhole))
            json.WriteStringValueSegment(line, isFinalSegment: isWhole);
    }
}
