using System.Text.Json;
using Servo.Application.Logs;
using Servo.Application.Runs;
using Servo.AspNetCore.Answers;

namespace Servo.Ochopod.Tools;

/// <summary>A run as the answer of a tool: an exit code, 0 only if it succeeded, and the log as its output.</summary>
internal sealed class ToolAnswer(HttpContext context, OutputOptions options, OutputSpool log) : JsonAnswer(context, options, log)
{
    protected override string LogName => "stdout";

    protected override void WriteHead(Utf8JsonWriter json, RunReport report) => json.WriteNumber("code", report.Failure is null ? 0 : 1);
}
