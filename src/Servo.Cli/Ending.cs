using System.Security.Cryptography;
using System.Text.Json;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli;

/// <summary>How the tool ends when a command does not come to its own end.</summary>
internal sealed record Ending(int ExitCode, string Kind, string Detail)
{
    public const int Success = 0;
    public const int RunFailed = 1;
    public const int WrongUsage = 2;
    public const int NoOutcome = 3;

    /// <summary>EX_SOFTWARE of sysexits.h: the tool itself is at fault.</summary>
    public const int Fault = 70;

    /// <summary>128 and the number of SIGINT, as shells count.</summary>
    public const int Interrupted = 130;

    public static Ending Of(Exception exception, bool interrupted) => exception switch
    {
        InterruptedException => new(Interrupted, "interrupted", exception.Message),
        OperationCanceledException when interrupted => new(Interrupted, "interrupted", "Interrupted."),
        ServoRequestException e => new(NoOutcome, JsonNamingPolicy.KebabCaseLower.ConvertName(e.Error.ToString()), e.Message),
        AbandonedException => new(NoOutcome, "abandoned", exception.Message),
        ArgumentException e => new(WrongUsage, "usage", WithoutParameter(e)),
        UsageException or BundleException or OutputException or IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException =>
            new(WrongUsage, "usage", exception.Message),
        _ => new(Fault, "fault", $"This is a fault of the tool, please report it: {exception.GetType()}: {exception.Message}"),
    };

    // The runtime adds the name of a parameter of C#, which means nothing on a command line.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
}

/// <summary>What was asked for cannot be done as it was asked; the message names the next step.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The user has interrupted the tool; the message says what becomes of what was begun.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);

/// <summary>The tool cannot go on following a run; the message says why, and what is known of the run.</summary>
internal sealed class AbandonedException(string message, Exception cause) : Exception(message, cause);
