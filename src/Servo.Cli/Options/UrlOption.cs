using System.CommandLine;

namespace Servo.Cli.Options;

/// <summary>Where the gateway is.</summary>
internal sealed class UrlOption : Option<string?>
{
    public const string EnvironmentVariable = "SERVO_URL";

    public UrlOption() : base("--url")
    {
        Description = "Address of the gateway, such as https://servo.example:5000. [default: $SERVO_URL]";
        HelpName = "URL";
    }

    public Uri Read(ParseResult result)
    {
        var text = result.GetValue(this) ?? Environment.GetEnvironmentVariable(EnvironmentVariable);

        if (string.IsNullOrWhiteSpace(text))
            throw new UsageException($"There is no address of a gateway: set {EnvironmentVariable}, or give --url URL.");

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new UsageException($"'{text}' is no address of a gateway: give one such as https://servo.example:5000.");
    }
}
