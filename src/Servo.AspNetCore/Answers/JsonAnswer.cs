using System.Text.Json;
using Servo.Application.Logs;
using Servo.AspNetCore.Connections;
using Servo.Domain.Runs;

namespace Servo.AspNetCore.Answers;

/// <summary>One JSON object at the end, always with status 200.</summary>
internal sealed class JsonAnswer(HttpContext context, KeptLogs logs, JsonForm form) : IRunAnswer
{
    private readonly KeptLog _log = logs.Create();

    public async ValueTask WriteAsync(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Queued:
                ConnectionPlaces.Keep(context, ConnectionHold.Run);
                break;
            case RunEvent.Line line:
                _log.Append(line);
                break;
            case RunEvent.Completed completed:
                await JsonLog.SendAsync(context, logs, _log, form.LogName, json => form.WriteMembers(json, completed.Run));
                break;
        }
    }

    public ValueTask FlushAsync() => _log.FlushAsync();

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What a JSON answer says of its run.</summary>
/// <param name="LogName">The last member, an array of the log's lines.</param>
/// <param name="WriteMembers">Writes the members before it.</param>
internal sealed record JsonForm(string LogName, Action<Utf8JsonWriter, Run> WriteMembers)
{
    /// <summary>That of <c>POST /run</c>.</summary>
    public static JsonForm Outcome { get; } = new("log", RunJson.WriteMembers);
}
