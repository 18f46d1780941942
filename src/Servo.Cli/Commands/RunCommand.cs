using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Packs and uploads a bundle and follows its run to the end.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly Interruption _interruption;
    private readonly Argument<string> _source = new("DIR|ARCHIVE")
    {
        Description = "A folder that holds the scripts and their data, or an archive of one.",
    };
    private readonly Argument<string[]> _scripts = new("SCRIPT")
    {
        Description = "The scripts, in the order in which they run: paths inside the folder.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly VariablesOption _variables = new();
    private readonly BundleOptions _bundle;
    private readonly GatewayConnection _gateway;
    private readonly DurationOption _timeout = new("--timeout")
    {
        Description = "How long to wait for the end, such as 90, 90s, 5m, 1h or 00:05:00. After that the exit code is 3; a run that has "
            + "started continues. [default: no limit]",
    };
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print one JSON document at the end instead of the live log; it includes the log, which is held in memory until "
            + "then.",
    };
    private readonly GitHubOption _github = new();
    private readonly AlgorithmOption _algorithm = new();
    private readonly Option<bool> _detach = new("--detach")
    {
        Description = "Print the run's id on standard output as soon as the gateway has accepted it, and do not wait: 'servo wait' does.",
    };
    private readonly LocksOption _locks = new();
    private readonly Option<string?> _key = new("--idempotency-key")
    {
        Description = "Your own name for this one run: the same command with the same name attaches to the run of the first. '' for none. "
            + "[default: drawn from the job of GitHub Actions, GitLab, Azure Pipelines or Jenkins]",
        HelpName = "KEY",
    };
    private readonly DurationOption _runTimeout = new("--run-timeout")
    {
        Description = "How long the scripts may take together; the gateway ends the run then. [default: the gateway's limit]",
    };
    private readonly DurationOption _queueTimeout = new("--queue-timeout")
    {
        Description = "How long the run may wait for its start; it never starts then. [default: no limit]",
    };
    private readonly Option<bool> _noCheck = new("--no-check")
    {
        Description = "Do not check that the bundle contains the scripts; for scripts that write the next ones.",
    };

    public RunCommand(StandardStreams streams, Interruption interruption) : base(
        "run",
        "Packs a folder, uploads it, runs its scripts in order and prints their log live. The exit code tells the outcome. Ctrl-C cancels "
            + "the run; a second one leaves it and prints its id.",
        "export SERVO_URL=https://servo.example:5000",
        "export SERVO_TOKEN=...",
        "servo run deploy deploy.py check.py",
        "servo run deploy deploy.py --var PODS=3 --var 'GREETING=hello there' --timeout 10m",
        "servo run deploy deploy.py --encrypt 'secrets/*' --exclude '*.log' --token-file ~/.servo-token",
        "servo run deploy deploy.py --lock production --lock 'cluster;shared' --queue-timeout 15m",
        "servo run deploy deploy.py --detach",
        "servo run deploy.tgz deploy.py --json | jq .scripts",
        "servo run deploy deploy.py --url https://10.0.0.1:5000 --ca-file ca.pem")
    {
        (_streams, _interruption) = (streams, interruption);
        Add(_source);
        Add(_scripts);
        Add(_variables);
        _bundle = new BundleOptions(this);
        _gateway = new GatewayConnection(this, follows: true);
        Add(_detach);
        Add(_locks);
        Add(_key);
        Add(_timeout);
        Add(_runTimeout);
        Add(_queueTimeout);
        Add(_json);
        Add(_github);
        Add(_algorithm);
        Add(_noCheck);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var json = result.GetValue(_json);
        using var view = View(result, showLog: !json);
        var report = new RunReporter(view);
        _interruption.TakeTime();
        using var signal = cancellationToken.Register(report.Cancel);

        try
        {
            if (result.GetValue(_detach))
                return await DetachAsync(result, report, cancellationToken);

            var outcome = await FollowAsync(result, report);

            if (cancellationToken.IsCancellationRequested && outcome is { RunId: { } id, Failure.Kind: FailureKinds.Cancelled })
                throw new InterruptedException($"Interrupted. The run {id} was cancelled.", id);

            if (json)
                OutcomeJson.Write(_streams.Output.Bytes, outcome);

            return report.End(outcome);
        }
        catch (Exception e)
        {
            var failure = CommandFailure.From(e, cancellationToken.IsCancellationRequested);

            if (json)
                OutcomeJson.Write(_streams.Output.Bytes, failure, e);

            // What shows the run may be what does not take it.
            if (e is AbandonedException)
                _streams.Fail(failure.Detail);
            else
                report.End(failure);

            return failure.ExitCode;
        }
    }

    private RunView View(ParseResult result, bool showLog) => _github.Read(result, _streams)
        ? new GitHubView(
            showLog && !result.GetValue(_detach) ? _streams.Output : _streams.Error,
            showLog,
            new ScriptFiles(result.GetRequiredValue(_source), Environment.GetEnvironmentVariable("GITHUB_WORKSPACE")))
        : new ConsoleView(_streams, showLog);

    private async Task<int> DetachAsync(ParseResult result, RunReporter report, CancellationToken cancellationToken)
    {
        using var gateway = _gateway.Open(result, _algorithm.Read(result));
        using var job = FindJob(result);
        RunInfo run;

        try
        {
            run = await gateway.Servo.StartAsync(
                _bundle.Read(result, result.GetRequiredValue(_source)),
                result.GetRequiredValue(_scripts),
                OptionsOf(result, job),
                report,
                cancellationToken);
        }
        catch (ServoRunCanceledException e)
        {
            throw new InterruptedException($"Interrupted. {report.DetachedRunMessage}", e.RunId);
        }

        job?.End();
        report.End(run);

        if (result.GetValue(_json))
            RunInfoJson.Write(_streams.Output.Bytes, json => RunInfoJson.Write(json, run));
        else
            _streams.Output.WriteLine(run.Id);

        return ExitCode.Success;
    }

    private async Task<RunOutcome> FollowAsync(ParseResult result, RunReporter report)
    {
        using var gateway = _gateway.Open(result, _algorithm.Read(result));
        using var job = FindJob(result);
        var options = OptionsOf(result, job);
        options.RunCancellation = _interruption.Token;

        try
        {
            var outcome = await gateway.Servo.RunAsync(
                _bundle.Read(result, result.GetRequiredValue(_source)),
                result.GetRequiredValue(_scripts),
                options,
                report,
                _interruption.LeaveToken);
            job?.End();
            return outcome;
        }
        catch (ServoRunCanceledException e)
        {
            throw new InterruptedException($"Interrupted. {report.DetachedRunMessage}", e.RunId);
        }
        catch (OutputException e)
        {
            throw new AbandonedException($"{e.Message} {report.DetachedRunMessage}", e);
        }
    }

    private RunOptions OptionsOf(ParseResult result, CiJob? job) => new()
    {
        Variables = result.GetRequiredValue(_variables),
        Locks = result.GetRequiredValue(_locks),
        IdempotencyKey = result.GetValue(_key) is { } key ? key.Length > 0 ? key : null : job?.Key,
        Timeout = result.GetValue(_timeout) ?? System.Threading.Timeout.InfiniteTimeSpan,
        RunTimeout = result.GetValue(_runTimeout) ?? System.Threading.Timeout.InfiniteTimeSpan,
        QueueTimeout = result.GetValue(_queueTimeout) ?? System.Threading.Timeout.InfiniteTimeSpan,
        KeepLines = result.GetValue(_json),
        CheckScripts = !result.GetValue(_noCheck),
    };

    // Encrypted files differ each time, so that a repeated request would not be the same.
    private CiJob? FindJob(ParseResult result) =>
        result.GetValue(_key) is null && !_bundle.Encrypts(result) ? CiJob.Find([.. result.Tokens.Select(token => token.Value)]) : null;
}
