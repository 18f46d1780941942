using System.CommandLine;
using System.Globalization;
using Servo.Client;

namespace Servo.Cli.Options;

/// <summary>The options that say which gateway to ask, and how.</summary>
internal sealed class GatewayConnection
{
    private readonly UrlOption _url = new();
    private readonly TokenFileOption _token = new();
    private readonly CaFileOption _ca = new();
    private readonly DurationOption _reconnect = new("--reconnect-timeout")
    {
        Description = "How long to try to follow a run again when the connection breaks or the gateway restarts. [default: 2m]",
    };
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

    public GatewayConnection(Command command, bool follows = false)
    {
        command.Add(_url);
        command.Add(_token);
        command.Add(_ca);
        command.Add(_retries);

        if (follows)
            command.Add(_reconnect);
    }

    public ServoConnection Open(ParseResult result, SignatureAlgorithm algorithm = SignatureAlgorithm.Sha256)
    {
        var options = new ServoClientOptions { Algorithm = algorithm, MaxRetries = result.GetValue(_retries) };

        if (result.CommandResult.Command.Options.Contains(_reconnect) && result.GetValue(_reconnect) is { } timeout)
            options.ReconnectTimeout = timeout;

        return _ca.Connect(result, _url.Read(result), _token.Read(result), options);
    }
}
