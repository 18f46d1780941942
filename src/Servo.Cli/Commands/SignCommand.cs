using System.CommandLine;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Prints the signature of an archive.</summary>
internal sealed class SignCommand : ToolCommand
{
    private const string StandardInput = "-";

    private readonly StandardStreams _streams;
    private readonly Argument<string> _archive = new("ARCHIVE") { Description = "The archive; - for standard input." };
    private readonly AlgorithmOption _algorithm = new();
    private readonly TokenFileOption _token = new();

    public SignCommand(StandardStreams streams) : base(
        "sign",
        "Prints the value of the header X-Signature for an archive.",
        "curl -T deploy.tgz -X POST -H \"X-Signature: $(servo sign deploy.tgz)\" \"$SERVO_URL/run/deploy.py\"",
        "servo pack deploy -o - | tee deploy.tgz | servo sign - --algorithm sha512")
    {
        _streams = streams;
        Add(_archive);
        Add(_algorithm);
        Add(_token);
        SetAction(SignAsync);
    }

    private async Task<int> SignAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var path = result.GetRequiredValue(_archive);
        var credential = _token.Read(result);
        await using var archive = path == StandardInput ? _streams.Input : File.OpenRead(path);

        _streams.Output.WriteLine(await Signature.ComputeAsync(archive, credential, _algorithm.Read(result), cancellationToken));
        return ExitCode.Success;
    }
}
