using Microsoft.Extensions.Options;
using Servo.Application.Logs;
using Servo.Application.Workspaces;

namespace Servo.AspNetCore.Answers;

/// <summary>Makes the log of each answer that is sent at the end, and sends it.</summary>
internal sealed class KeptLogs(IOptions<OutputOptions> options, ITemporaryFiles files, PendingAnswers pending, ILogger<LogSpool> logger)
{
    public KeptLog Create() => new(new LogSpool(files, logger), options.Value.MaxBytes);

    /// <summary>
    /// Sends a log as long as its caller keeps taking it. A byte of it takes up to <paramref name="mostPerByte"/> bytes of the answer.
    /// </summary>
    public Task SendAsync(HttpContext context, KeptLog log, int mostPerByte, Func<CancellationToken, Task> send) =>
        log.IsInMemory ? send(CancellationToken.None) : pending.SendAsync(context, log.Length, log.Length * mostPerByte, send);
}
