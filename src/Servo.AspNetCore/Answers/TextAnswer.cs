using System.Buffers;
using System.Text;
using Servo.Application.Logs;
using Servo.Application.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>The log as plain text, its lines joined by line feeds; status 200, or 412 where the run failed.</summary>
internal sealed class TextAnswer(HttpContext context, OutputOptions options, OutputSpool log) : KeptAnswer(context, options, log)
{
    private readonly ArrayBufferWriter<byte> _pending = new();
    private bool _between;

    public override async ValueTask FlushAsync()
    {
        await Log.WriteAsync(_pending.WrittenMemory);
        _pending.ResetWrittenCount();
    }

    public override async Task CompleteAsync(RunReport report)
    {
        await FlushAsync();
        var response = Context.Response;
        response.StatusCode = report.Failure is null ? StatusCodes.Status200OK : StatusCodes.Status412PreconditionFailed;
        response.ContentType = "text/plain; charset=utf-8";
        await SendLogAsync();
    }

    protected override void Append(ReadOnlySpan<char> text, bool endsLine)
    {
        if (_between)
            _pending.Write("\n"u8);

        Encoding.UTF8.GetBytes(text, _pending);
        _between = endsLine;
    }
}
