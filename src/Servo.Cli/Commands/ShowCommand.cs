using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;

namespace Servo.Cli.Commands;

/// <summary>Shows all that the gateway knows of a run.</summary>
internal sealed class ShowCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly RunIdArgument _id = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document." };
    private readonly GatewayConnection _gateway;

    public ShowCommand(StandardStreams streams) : base(
        "show",
        "Shows a run: its state, what it waits for, its times, scripts, locks and the reason of its failure.",
        "servo show 0198c0ffee",
        "servo show 0198c0ffee --json | jq -r .state")
    {
        _streams = streams;
        Add(_id);
        Add(_json);
        _gateway = new GatewayConnection(this);
        SetAction(ShowAsync);
    }

    private async Task<int> ShowAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result);
        var run = await gateway.Servo.GetRunAsync(result.GetRequiredValue(_id), cancellationToken);

        if (result.GetValue(_json))
            RunInfoJson.Write(_streams.Output.Bytes, json => RunInfoJson.Write(json, run));
        else
            foreach (var line in RunText.Lines(run))
                _streams.Output.WriteLine(line);

        return ExitCode.Success;
    }
}
