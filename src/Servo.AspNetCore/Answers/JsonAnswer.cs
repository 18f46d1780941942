using System.Text.Json;
using Servo.Application.Logs;
using Servo.Application.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>One JSON object at the end, always with status 200.</summary>
internal class JsonAnswer(HttpContext context, OutputOptions options, OutputSpool log) : KeptAnswer(context, options, log)
{
    private const int PendingBytes = 32 * 1024;

    private Utf8JsonWriter? _lines;

    private Utf8JsonWriter Lines => _lines ??= ResultJson.StartArray(Log);

    protected override long LogBytes => Lines.BytesCommitted;

    public override async ValueTask FlushAsync()
    {
        if (Lines.BytesPending > PendingBytes)
            await Lines.FlushAsync();
    }

    public override async Task CompleteAsync(RunReport report)
    {
        Lines.WriteEndArray();
        await Lines.FlushAsync();

        var response = Context.Response;
        response.ContentType = "application/json; charset=utf-8";

        await using (var head = ResultJson.Writer(response.BodyWriter))
        {
            head.WriteStartObject();
            WriteHead(head, report);
            head.WritePropertyName(LogName);
        }

        await SendLogAsync();
        await response.BodyWriter.WriteAsync("}"u8.ToArray());
    }

    public override async ValueTask DisposeAsync()
    {
        if (_lines is not null)
            await _lines.DisposeAsync();

        await base.DisposeAsync();
    }

    /// <summary>The member that holds the log.</summary>
    protected virtual string LogName => "log";

    /// <summary>Writes the members before the log.</summary>
    protected virtual void WriteHead(Utf8JsonWriter json, RunReport report) => ResultJson.WriteMembers(json, report, Scripts);

    protected override void Append(ReadOnlySpan<char> text, bool endsLine) => Lines.WriteStringValueSegment(text, isFinalSegment: endsLine);
}
