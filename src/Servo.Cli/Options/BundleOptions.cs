using System.CommandLine;
using Servo.Client;

namespace Servo.Cli.Options;

/// <summary>The options that choose what is packed and encrypted.</summary>
internal sealed class BundleOptions
{
    private readonly Option<string[]> _encrypt = new("--encrypt")
    {
        Description = "Encrypt the files that the pattern (the syntax of gitignore) matches while they are packed; the scripts see them "
            + "decrypted. May be given several times.",
        HelpName = "PATTERN",
        DefaultValueFactory = static _ => [],
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Leave out what the pattern (the syntax of gitignore) matches, as a .servoignore file in the folder does. May be "
            + "given several times.",
        HelpName = "PATTERN",
        DefaultValueFactory = static _ => [],
    };

    public BundleOptions(Command command)
    {
        command.Add(_encrypt);
        command.Add(_exclude);
    }

    /// <summary>Whether packing needs the token.</summary>
    public bool Encrypts(ParseResult result) => Patterns(result, _encrypt).Length > 0;

    /// <summary>Reads a folder or an existing archive as a bundle.</summary>
    public Bundle Read(ParseResult result, string path)
    {
        if (Directory.Exists(path))
            return Apply(result, Bundle.FromDirectory(path));

        if (!File.Exists(path))
            throw new UsageException(
                $"No folder or archive exists at '{path}'. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.");

        return Patterns(result, _encrypt).Length + Patterns(result, _exclude).Length == 0
            ? Bundle.FromArchive(path)
            : throw new UsageException($"'{path}' is an archive, which is sent as it is: --encrypt and --exclude are for folders.");
    }

    private Bundle Apply(ParseResult result, Bundle bundle)
    {
        var (exclude, encrypt) = (Patterns(result, _exclude), Patterns(result, _encrypt));

        if (exclude.Length > 0)
            bundle = bundle.Without(exclude);

        return encrypt.Length > 0 ? bundle.WithEncrypted(encrypt) : bundle;
    }

    private static string[] Patterns(ParseResult result, Option<string[]> option) => result.GetRequiredValue(option);
}
