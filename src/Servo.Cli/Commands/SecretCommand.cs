using System.CommandLine;
using Servo.Cli.Files;
using Servo.Cli.Terminal;

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
        Validators.Add(result =>
        {
            if (result.GetValue(_output) is not null && result.GetValue(_files) is { Length: > 1 })
                result.AddError("-o is for a single file: without it, each output is written beside its input.");
        });
        SetAction(TurnAllAsync);
    }

    /// <summary>The mode of the written file; <see langword="null"/> for the default.</summary>
    protected abstract UnixFileMode? Mode { get; }

    /// <summary>How files are converted as the command line asks; throws <see cref="UsageException"/> where it cannot be done.</summary>
    protected abstract Conversion Prepare(ParseResult result);

    private async Task<int> TurnAllAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var conversion = Prepare(result);
        var failed = false;

        foreach (var file in result.GetRequiredValue(_files))
        {
            try
            {
                await using var source = File.OpenRead(file);
                await Destination.WriteAsync(
                    result.GetValue(_output) ?? conversion.NameFor(file),
                    destination => conversion.TurnAsync(source, destination, cancellationToken),
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

    /// <summary>How a file is converted.</summary>
    /// <param name="NameFor">The name of the file to write; throws <see cref="UsageException"/> if it cannot be derived.</param>
    /// <param name="TurnAsync">Reads the one and writes the other.</param>
    protected sealed record Conversion(Func<string, string> NameFor, Func<Stream, Stream, CancellationToken, Task> TurnAsync);
}
