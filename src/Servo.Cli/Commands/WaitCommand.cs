using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Waits for the end of a run.</summary>
internal sealed class WaitCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly RunIdArgument _id = new();
    private readonly DurationOption _timeout = new("--timeout")
    {
        Description = "How long to wait, such as 90s, 5m or 1h. After that the exit code is 3; the run continues. [default: no limit]",
    };
    private readonly GatewayConnection _gateway;

    public WaitCommand(StandardStreams streams) : base(
        "wait",
        "Waits until a run has ended. The exit code tells the outcome, as that of 'servo run' does. Ctrl-C leaves the run as it is.",
        "servo wait 0198c0ffee",
        "servo wait \"$(servo run deploy deploy.py --detach)\" --timeout 10m")
    {
        _streams = streams;
        Add(_id);
        Add(_timeout);
        _gateway = new GatewayConnection(this, follows: true);
        SetAction(WaitAsync);
    }

    private async Task<int> WaitAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result);
        using var view = new ConsoleView(_streams, showLog: false);
        var report = new RunReporter(view);
        var options = new FollowOptions { KeepLines = false, Timeout = result.GetValue(_timeout) ?? Timeout.InfiniteTimeSpan };

        return report.End(await gateway.Servo.WaitAsync(result.GetRequiredValue(_id), options, report, cancellationToken));
    }
}
