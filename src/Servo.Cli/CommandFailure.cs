using System.Security.Cryptography;
using System.Text.Json;
using Servo.Client;
using Servo.Shared;

namespace Servo.Cli;

/// <summary>The failure of a command: the tool's exit code, a stable name of the cause and the message for the user.</summary>
internal sealed record CommandFailure(int ExitCode, string Kind, string Detail)
{
    public static CommandFailure From(Exception exception, bool interrupted) => exception switch
    {
        InterruptedException => new(Cli.ExitCode.Interrupted, "interrupted", exception.Message),
        OperationCanceledException when interrupted => new(Cli.ExitCode.Interrupted, "interrupted", "Interrupted."),
        ServoRequestException e =>
            new(Cli.ExitCode.NoOutcome, JsonNamingPolicy.KebabCaseLower.ConvertName(e.Error.ToString()), OptionHint.On(e)),
        AbandonedException => new(Cli.ExitCode.NoOutcome, "abandoned", exception.Message),
        BundleException e => new(Cli.ExitCode.WrongUsage, "usage", OptionHint.On(e)),
        FileNotFoundException or DirectoryNotFoundException =>
            new(Cli.ExitCode.WrongUsage, "usage", $"{exception.Message} Check the path."),
        UnauthorizedAccessException =>
            new(Cli.ExitCode.WrongUsage, "usage", $"{exception.Message} Check that it is a file, and its permissions."),
        ArgumentException e => new(Cli.ExitCode.WrongUsage, "usage", ArgumentMessage.Of(e)),
        UsageException or OutputException or IOException or InvalidDataException or CryptographicException =>
            new(Cli.ExitCode.WrongUsage, "usage", exception.Message),
        _ => new(Cli.ExitCode.Fault, "fault", $"This is a bug in the tool, please report it: {exception.GetType()}: {exception.Message}"),
    };
}

/// <summary>The arguments, files or settings cannot be used; the message names the next step.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The user interrupted the tool; the message says what is known of the run.</summary>
internal sealed class InterruptedException(string message, string? runId) : OperationCanceledException(message)
{
    /// <summary>The run that had started.</summary>
    public string? RunId { get; } = runId;
}

/// <summary>The tool can no longer follow a run; the message says why, and what is known of the run.</summary>
internal sealed class AbandonedException(string message, Exception cause) : Exception(message, cause);

/// <summary>Standard output or standard error cannot be written; the message says why.</summary>
internal sealed class OutputException(string message, IOException cause) : Exception(message, cause);
