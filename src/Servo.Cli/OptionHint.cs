using Servo.Client;

namespace Servo.Cli;

/// <summary>Adds the tool's option that helps to the library's description, whose own hints name C# members.</summary>
internal static class OptionHint
{
    private const string Exclude = "--exclude or a .servoignore file excludes files.";

    public static string On(ServoRequestException exception) => Text(exception.Description, exception.Error switch
    {
        ServoRequestError.BadSignature => "--token-file names the token's file, --algorithm sha1 is for an original servo.",
        ServoRequestError.InsecureConnection => "Or name the authority's certificate with --ca-file.",
        ServoRequestError.TooLarge => Exclude,
        ServoRequestError.Busy => "--retries sets how often to try again.",
        ServoRequestError.BadRequest when exception.Kind == RefusalKinds.IdempotencyKeyReused =>
            "--idempotency-key names another run, '' none.",
        ServoRequestError.TimedOut => "--timeout sets how long to wait.",
        _ => null,
    });

    public static string On(BundleException exception) => Text(exception.Description, exception.Error switch
    {
        BundleError.Unreadable or BundleError.FileChanged or BundleError.InvalidName or BundleError.DuplicateName or BundleError.InvalidLink
            or BundleError.OutputInBundle => Exclude,
        BundleError.ScriptNotFound => "--no-check is for scripts that others write.",
        BundleError.CredentialRequired => "Set SERVO_TOKEN, or give --token-file FILE.",
        _ => null,
    });

    private static string Text(string description, string? hint) => hint is null ? description : $"{description} {hint}";
}
