using System.CommandLine;
using System.Security.Cryptography;
using Servo.Cli.Files;
using Servo.Cli.Terminal;

namespace Servo.Cli.Commands;

/// <summary>Creates a servo token.</summary>
internal sealed class KeygenCommand : ToolCommand
{
    // As the gateway makes one for itself: 192 bits.
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const int Length = 32;

    private readonly StandardStreams _streams;
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file to write, readable by its owner alone; an existing file is not overwritten. - for standard output.",
        HelpName = "FILE",
        DefaultValueFactory = static _ => Destination.StandardOutput,
    };

    public KeygenCommand(StandardStreams streams) : base(
        "keygen",
        "Creates a servo token of 32 random characters.",
        "servo keygen -o ~/.servo-token",
        "export SERVO_TOKEN=$(servo keygen)")
    {
        _streams = streams;
        Add(_output);
        SetAction(MakeAsync);
    }

    private async Task<int> MakeAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var path = result.GetRequiredValue(_output);

        if (path != Destination.StandardOutput && File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal))
            throw new UsageException(
                $"'{path}' already exists and may hold a token that is in use: remove it first, or name another file.");

        var token = RandomNumberGenerator.GetString(Alphabet, Length);
        var line = System.Text.Encoding.ASCII.GetBytes($"{token}\n");

        await Destination.WriteAsync(
            path, stream => stream.WriteAsync(line, cancellationToken).AsTask(), _streams, overwrite: false, AtomicFile.Private);
        return ExitCode.Success;
    }
}
