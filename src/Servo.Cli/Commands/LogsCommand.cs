using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Prints the log of a run.</summary>
internal sealed class LogsCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly RunIdArgument _id = new();
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on until the run has ended." };
    private readonly GatewayConnection _gateway;

    public LogsCommand(StandardStreams streams) : base(
        "logs",
        "Prints the log of a run, as far as it has come. The exit code is 0 however the run ended: 'servo wait' tells that.",
        "servo logs 0198c0ffee",
        "servo logs -f 0198c0ffee")
    {
        _streams = streams;
        Add(_id);
        Add(_follow);
        _gateway = new GatewayConnection(this, follows: true);
        SetAction(PrintAsync);
    }

    private async Task<int> PrintAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result);
        var id = result.GetRequiredValue(_id);

        if (result.GetValue(_follow))
            await FollowAsync(gateway.Servo, id, cancellationToken);
        else
            await gateway.Servo.ReadLogAsync(id, _streams.Output.Bytes, cancellationToken);

        return ExitCode.Success;
    }

    private async Task FollowAsync(ServoClient servo, string id, CancellationToken cancellationToken)
    {
        await foreach (var next in servo.FollowRunAsync(id, new FollowOptions { KeepLines = false }, cancellationToken: cancellationToken))
        {
            switch (next)
            {
                case RunEvent.Output output:
                    _streams.Output.WriteLine(output.Line.Text, output.Line.Stream == RunStreams.Servo ? Style.Dim : Style.Plain);
                    break;

                // The log of a run that never started, or whose host was killed, does not tell it.
                case RunEvent.Completed { Outcome.Failure: { } failure }:
                    _streams.Error.WriteLine($"run {id} failed: {failure}");
                    break;
            }
        }
    }
}
