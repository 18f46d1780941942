using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;

namespace Servo.Cli.Commands;

/// <summary>Cancels a run, queued or running.</summary>
internal sealed class CancelCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly RunIdArgument _id = new();
    private readonly GatewayConnection _gateway;

    public CancelCommand(StandardStreams streams) : base(
        "cancel",
        "Ends a run, queued or running, and prints the state that it has reached; a run that has ended stays as it is.",
        "servo cancel 0198c0ffee",
        "servo ps --state running --json | jq -r '.runs[].id' | xargs -n 1 servo cancel")
    {
        _streams = streams;
        Add(_id);
        _gateway = new GatewayConnection(this);
        SetAction(CancelAsync);
    }

    private async Task<int> CancelAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result);
        var run = await gateway.Servo.CancelRunAsync(result.GetRequiredValue(_id), cancellationToken);

        _streams.Output.WriteLine(run.State);
        return ExitCode.Success;
    }
}
