using System.CommandLine;

namespace Servo.Cli.Options;

/// <summary>The address of the gateway.</summary>
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
            throw new UsageException($"The gateway's address is missing: set {EnvironmentVariable}, or give --url URL.");

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new UsageException(
                $"The gateway's address '{text}' must be an absolute http or https URL, such as https://servo.example:5000.");
    }
}
