using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Lists the runs that the gateway keeps.</summary>
internal sealed class PsCommand : ToolCommand
{
    private const int LargestPage = 500;

    private readonly StandardStreams _streams;
    private readonly Option<string?> _state = new("--state") { Description = "Only runs in this state." };
    private readonly Option<string?> _script = new("--script") { Description = "Only runs of this script.", HelpName = "SCRIPT" };
    private readonly Option<DateTimeOffset?> _since = new("--since")
    {
        Description = "Only runs that were accepted from this time on: such as 2026-01-31T12:00:00Z, or 30m, 24h for a time ago.",
        HelpName = "TIME",
        CustomParser = ParseSince,
    };
    private readonly Option<int> _limit = new("--limit")
    {
        Description = "How many runs at most.",
        HelpName = "N",
        DefaultValueFactory = static _ => 20,
        CustomParser = static result =>
        {
            if (!int.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit == 0)
                result.AddError($"--limit must be a whole number of at least 1, not '{result.Tokens.Single().Value}'.");

            return limit;
        },
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON document instead of a table." };
    private readonly GatewayConnection _gateway;

    public PsCommand(StandardStreams streams) : base(
        "ps",
        "Lists the runs that the gateway keeps, newest first.",
        "servo ps",
        "servo ps --state running",
        "servo ps --script deploy.py --since 24h --json | jq -r '.runs[].id'")
    {
        _streams = streams;
        _state.AcceptOnlyFromAmong(
            RunStates.Queued, RunStates.Waiting, RunStates.Running, RunStates.Succeeded, RunStates.Failed, RunStates.Cancelled,
            RunStates.TimedOut, RunStates.Lost);
        Add(_state);
        Add(_script);
        Add(_since);
        Add(_limit);
        Add(_json);
        _gateway = new GatewayConnection(this);
        SetAction(ListAsync);
    }

    private static DateTimeOffset? ParseSince(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;

        if (DurationOption.Parse(text) is { } ago && ago > TimeSpan.Zero)
            return DateTimeOffset.UtcNow - ago;

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;

        result.AddError($"'{text}' is not a time: give one such as 2026-01-31T12:00:00Z, or a time ago such as 30m or 24h.");
        return null;
    }

    private async Task<int> ListAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result);
        var wanted = result.GetValue(_limit);
        var query = new RunQuery { State = result.GetValue(_state), Script = result.GetValue(_script), Since = result.GetValue(_since) };
        var runs = new List<RunInfo>();

        do
        {
            query.Limit = Math.Min(wanted - runs.Count, LargestPage);
            var page = await gateway.Servo.ListRunsAsync(query, cancellationToken);
            runs.AddRange(page.Runs);
            query.After = page.Next;
        }
        while (query.After is not null && runs.Count < wanted);

        if (result.GetValue(_json))
            WriteJson(runs, query.After);
        else
            foreach (var line in RunText.Table(runs))
                _streams.Output.WriteLine(line);

        return ExitCode.Success;
    }

    private void WriteJson(List<RunInfo> runs, string? next) => RunInfoJson.Write(_streams.Output.Bytes, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("runs");

        foreach (var run in runs)
            RunInfoJson.Write(json, run);

        json.WriteEndArray();
        json.WriteString("next", next);
        json.WriteEndObject();
    });
}
