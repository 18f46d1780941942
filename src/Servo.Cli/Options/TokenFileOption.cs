using System.CommandLine;
using Servo.Client;
using Servo.Shared;

namespace Servo.Cli.Options;

/// <summary>The file or environment variable with the servo token.</summary>
internal sealed class TokenFileOption : Option<string?>
{
    public TokenFileOption() : base("--token-file")
    {
        Description = "A file that holds the servo token. [default: $SERVO_TOKEN]";
        HelpName = "FILE";
    }

    public ServoCredential Read(ParseResult result)
    {
        if (result.GetValue(this) is not { } path)
            return FromEnvironment()
                ?? throw new UsageException(
                    $"The servo token is missing: set SERVO_TOKEN, or give --token-file FILE.{HostTokenSetting.Hint()}");

        try
        {
            return ServoCredential.FromFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The token file cannot be read: {e.Message.TrimEnd('.')}. Check its path and its permissions.");
        }
    }

    private static ServoCredential? FromEnvironment() =>
        string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(ServoCredential.EnvironmentVariable))
            ? null
            : ServoCredential.FromEnvironment();
}
