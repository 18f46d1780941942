using System.CommandLine;
using Servo.Cli.Files;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>The common part of encrypting and decrypting: each file is converted to one beside it.</summary>
internal abstract class SecretCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly Argument<string[]> _files = new("FILE") { Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The file to write, for a single FILE; - for standard output.",
        HelpName = "FILE",
    };
    private readonly Option<bool> _force = new("--force") { Description = "Overwrite files that exist." };
    private readonly TokenFileOption _token = new();

    protected SecretCommand(
        StandardStreams streams,
        string name,
        string description,
        string fileDescription,
        params string[] examples) : base(name, description, examples)
    {
        _streams = streams;
        _files.Description = fileDescription;
        Add(_files);
        Add(_output);
        Add(_force);
        Add(_token);
        Validators.Add(result =>
        {
            if (result.GetValue(_output) is not null && result.GetValue(_files) is { Length: > 1 })
                result.AddError("-o is for a single file: without it, each output is written beside its input.");
        });
        SetAction(TurnAllAsync);
    }

    /// <summary>The mode of the written file; <see langword="null"/> for the default.</summary>
    protected abstract UnixFileMode? Mode { get; }

    /// <summary>The name of the file to write; throws <see cref="UsageException"/> if it cannot be derived.</summary>
    protected abstract string NameFor(string file);

    protected abstract Task TurnAsync(Stream source, Stream destination, ServoCredential credential, CancellationToken cancellationToken);

    private async Task<int> TurnAllAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var credential = _token.Read(result);
        var failed = false;

        foreach (var file in result.GetRequiredValue(_files))
        {
            try
            {
                await using var source = File.OpenRead(file);
                await Destination.WriteAsync(
                    result.GetValue(_output) ?? NameFor(file),
                    destination => TurnAsync(source, destination, credential, cancellationToken),
                    _streams, result.GetValue(_force), Mode);
            }
            catch (Exception e) when (e is UsageException or IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // The others are done all the same.
                failed = true;
                var text = CommandFailure.From(e, interrupted: false).Detail;
                _streams.Fail(text.Contains(file, StringComparison.Ordinal) ? text : $"{file}: {text}");
            }
        }

        return failed ? ExitCode.WrongUsage : ExitCode.Success;
    }
}
