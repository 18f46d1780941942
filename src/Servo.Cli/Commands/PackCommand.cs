using System.CommandLine;
using Servo.Cli.Files;
using Servo.Cli.Options;
using Servo.Cli.Terminal;
using Servo.Client;

namespace Servo.Cli.Commands;

/// <summary>Creates the archive that a run would upload.</summary>
internal sealed class PackCommand : ToolCommand
{
    private readonly StandardStreams _streams;
    private readonly Argument<string> _folder = new("DIR")
    {
        Description = "The folder to pack, except .git and what .servoignore files exclude.",
    };
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The archive to write, a tar.gz; - for standard output. An existing file is replaced, and never packed.",
        HelpName = "FILE",
    };
    private readonly Option<bool> _list = new("--list")
    {
        Description = "Print the names of the files as the scripts will see them, and write nothing.",
    };
    private readonly BundleOptions _bundle;
    private readonly TokenFileOption _token = new();

    public PackCommand(StandardStreams streams) : base(
        "pack",
        "Packs a folder into an archive that 'servo run' takes, without uploading it. The same folder gives the same bytes.",
        "servo pack deploy -o deploy.tgz",
        "servo pack deploy -o - --exclude '*.log' | tar tzf -",
        "servo pack deploy -o deploy.tgz --encrypt 'secrets/*' --token-file ~/.servo-token",
        "servo pack deploy --list")
    {
        _streams = streams;
        Add(_folder);
        Add(_output);
        Add(_list);
        _bundle = new BundleOptions(this);
        Add(_token);
        Validators.Add(result =>
        {
            if (result.GetValue(_list) == (result.GetValue(_output) is not null))
                result.AddError("Give either -o FILE (- for standard output) or --list.");
        });
        SetAction(PackAsync);
    }

    private async Task<int> PackAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var folder = result.GetRequiredValue(_folder);

        if (!Directory.Exists(folder))
            throw new UsageException(
                $"The folder '{folder}' does not exist. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.");

        var bundle = _bundle.Read(result, folder);

        if (result.GetValue(_list))
            return await ListAsync(bundle, cancellationToken);

        var output = result.GetRequiredValue(_output)!;

        if (output == Destination.StandardOutput && _streams.Output.IsTerminal)
            throw new UsageException(
                "An archive cannot be written to a terminal: give -o FILE, or redirect standard output to a file or a pipe.");

        var credential = _bundle.Encrypts(result) ? _token.Read(result) : null;
        var temporary = AtomicFile.TemporaryName(output);
        var count = new FileCount(_streams);
        var bytes = 0L;
        bundle = OutputExclusion.Without(bundle, folder, temporary, output);

        await Destination.WriteAsync(output, async stream =>
        {
            var counted = new CountingStream(stream);
            await bundle.PackAsync(counted, credential, count, cancellationToken);
            bytes = counted.Written;
        }, _streams, overwrite: true, temporary: temporary);

        _streams.Error.WriteLine($"packed {count.Files} {(count.Files == 1 ? "file" : "files")}, {ByteSize.Text(bytes)}");
        return ExitCode.Success;
    }

    private async Task<int> ListAsync(Bundle bundle, CancellationToken cancellationToken)
    {
        foreach (var name in await bundle.ListAsync(cancellationToken))
            _streams.Output.WriteLine(name);

        return ExitCode.Success;
    }

    private sealed class FileCount(StandardStreams streams) : IProgress<RunProgress>
    {
        public int Files { get; private set; }

        public void Report(RunProgress value)
        {
            if (value is RunProgress.ClearSecret secret)
                streams.Warn(ClearSecretWarning.Text(secret));
            else if (value is RunProgress.Packed packed)
                Files = packed.Files;
        }
    }
}
