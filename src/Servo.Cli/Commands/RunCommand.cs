using System.CommandLine;
using System.Globalization;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Packs and uploads a bundle and follows its run to the end.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly StandardStreams _streams;
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
    private readonly UrlOption _url = new();
    private readonly TokenFileOption _token = new();
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
    private readonly CaFileOption _ca = new();
    private readonly Option<int> _retries = new("--retries")
    {
        Description = "How often to retry when no run can have started: no connection, or a gateway that is busy or stopping.",
        HelpName = "N",
        DefaultValueFactory = static _ => new ServoClientOptions().MaxRetries,
        CustomParser = static result =>
        {
            if (!int.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var retries))
                result.AddError($"--retries must be a whole number of at least 0, not '{result.Tokens.Single().Value}'.");

            return retries;
        },
    };

    private readonly Option<bool> _noCheck = new("--no-check")
    {
        Description = "Do not check that the bundle contains the scripts; for scripts that write the next ones.",
    };

    public RunCommand(StandardStreams streams) : base(
        "run",
        "Packs a folder, uploads it, runs its scripts in order and prints their log live. The exit code tells the outcome.",
        "export SERVO_URL=https://servo.example:5000",
        "export SERVO_TOKEN=...",
        "servo run deploy deploy.py check.py",
        "servo run deploy deploy.py --var PODS=3 --var 'GREETING=hello there' --timeout 10m",
        "servo run deploy deploy.py --encrypt 'secrets/*' --exclude '*.log' --token-file ~/.servo-token",
        "servo run deploy.tgz deploy.py --json | jq .scripts",
        "servo run deploy deploy.py --url https://10.0.0.1:5000 --ca-file ca.pem")
    {
        _streams = streams;
        Add(_source);
        Add(_scripts);
        Add(_variables);
        _bundle = new BundleOptions(this);
        Add(_url);
        Add(_token);
        Add(_timeout);
        Add(_json);
        Add(_github);
        Add(_algorithm);
        Add(_ca);
        Add(_retries);
        Add(_noCheck);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var json = result.GetValue(_json);
        using var view = View(result, showLog: !json);
        var report = new RunReporter(view);

        try
        {
            var outcome = await FollowAsync(result, report, cancellationToken);

            if (json)
                RunJson.Write(_streams.Output.Bytes, outcome);

            return report.End(outcome);
        }
        catch (Exception e)
        {
            var failure = CommandFailure.From(e, cancellationToken.IsCancellationRequested);

            if (json)
                RunJson.Write(_streams.Output.Bytes, failure, e);

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
            showLog ? _streams.Output : _streams.Error,
            showLog,
            new ScriptFiles(result.GetRequiredValue(_source), Environment.GetEnvironmentVariable("GITHUB_WORKSPACE")))
        : new ConsoleView(_streams, showLog);

    private async Task<RunOutcome> FollowAsync(ParseResult result, RunReporter report, CancellationToken cancellationToken)
    {
        using var client = _ca.Connect(
            result,
            _url.Read(result),
            _token.Read(result),
            new ServoClientOptions { Algorithm = _algorithm.Read(result), MaxRetries = result.GetValue(_retries) });
        var options = new RunOptions
        {
            Variables = result.GetRequiredValue(_variables),
            Timeout = result.GetValue(_timeout) ?? System.Threading.Timeout.InfiniteTimeSpan,
            KeepLines = result.GetValue(_json),
            CheckScripts = !result.GetValue(_noCheck),
        };

        try
        {
            return await client.Servo.RunAsync(
                _bundle.Read(result, result.GetRequiredValue(_source)),
                result.GetRequiredValue(_scripts),
                options,
                report,
                cancellationToken);
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
}
