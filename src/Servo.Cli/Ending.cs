using System.Security.Cryptography;
using System.Text.Json;
using Servo.Client;
using Servo.Shared;

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
        ServoRequestException e => new(NoOutcome, JsonNamingPolicy.KebabCaseLower.ConvertName(e.Error.ToString()), Advice.On(e)),
        AbandonedException => new(NoOutcome, "abandoned", exception.Message),
        BundleException e => new(WrongUsage, "usage", Advice.On(e)),
        FileNotFoundException or DirectoryNotFoundException => new(WrongUsage, "usage", $"{exception.Message} Check the path."),
        UnauthorizedAccessException => new(WrongUsage, "usage", $"{exception.Message} Check that it is a file, and its permissions."),
        ArgumentException e => new(WrongUsage, "usage", ArgumentMessage.Of(e)),
        UsageException or OutputException or IOException or InvalidDataException or CryptographicException =>
            new(WrongUsage, "usage", exception.Message),
        _ => new(Fault, "fault", $"This is a fault of the tool, please report it: {exception.GetType()}: {exception.Message}"),
    };
}

/// <summary>What was asked for cannot be done as it was asked; the message names the next step.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The user has interrupted the tool; the message says what is known of what was begun.</summary>
internal sealed class InterruptedException(string message, string? runId) : OperationCanceledException(message)
{
    /// <summary>The run that had begun.</summary>
    public string? RunId { get; } = runId;
}

/// <summary>The tool cannot go on following a run; the message says why, and what is known of the run.</summary>
internal sealed class AbandonedException(string message, Exception cause) : Exception(message, cause);

/// <summary>Standard output or standard error does not take what is written; the message says why.</summary>
internal sealed class OutputException(string message, IOException cause) : Exception(message, cause);
