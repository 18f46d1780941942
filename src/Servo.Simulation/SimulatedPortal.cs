using System.Text.Json;
using System.Text.Json.Serialization;
using Servo.Application.Portal;
using Servo.Domain;

namespace Servo.Simulation;

/// <summary>Answers the commands of the Ochothon toolset from pods that exist in memory only; it never runs a program and never opens a connection.</summary>
internal sealed class SimulatedPortal(TimeProvider time) : IPortal
{
    private readonly Lock _oneAtATime = new();
    private readonly Toolset _toolset = new(SimulatedCluster.Create(time));

    public string Description => "a simulated cluster";

    public async Task<Result<PortalAnswer>> SendAsync(PortalCommand command, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var outcome = await RunAsync(command, cancellationToken);
        var answer = new Answer(outcome.Ok, Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3), outcome.Out);

        return new PortalAnswer(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(answer, Json.Options)), "application/json; charset=utf-8");
    }

    private async Task<CommandOutcome> RunAsync(PortalCommand command, CancellationToken cancellationToken)
    {
        if (await UploadedFiles.ReadAsync(command.Files, command.FilesContentType, cancellationToken) is not { } files)
            return CommandOutcome.Failed("unexpected failure -> the files of the command are not multipart/form-data");

        lock (_oneAtATime)
            return _toolset.Run(command.Line.Text, files);
    }

    private sealed record Answer(
        [property: JsonPropertyName("ok")] bool Ok,
        [property: JsonPropertyName("ms")] double Milliseconds,
        [property: JsonPropertyName("out")] string Out);
}
