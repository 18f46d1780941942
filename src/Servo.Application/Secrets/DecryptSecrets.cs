using MediatR;
using Servo.Application.Archives;
using Servo.Application.Logs;
using Servo.Application.Workspaces;
using Servo.Bundles;
using Servo.Domain.Runs;

namespace Servo.Application.Secrets;

/// <summary>
/// Replaces every secret of the bundle (<c>*.aes</c>, <c>*.p7m</c>), in any folder, by its clear
/// file; what macOS keeps of such a file besides its content is left alone.
/// </summary>
public sealed record DecryptSecrets(UnpackedArchive Archive, IRunOutput Output) : IRequest<StepResult<DecryptedSecrets>>;

/// <summary>A bundle that is ready to run. Only <see cref="DecryptSecretsHandler"/> makes one.</summary>
public sealed class DecryptedSecrets
{
    internal DecryptedSecrets(IWorkspace workspace) => Workspace = workspace;

    /// <summary>Where the bundle lies.</summary>
    public IWorkspace Workspace { get; }
}

internal sealed class DecryptSecretsHandler(IEnumerable<ISecretDecryptor> decryptors) : IRequestHandler<DecryptSecrets, StepResult<DecryptedSecrets>>
{
    // Links are not followed: what they point at inside the bundle is visited under its own name.
    // A folder that cannot be read is a fault: passed over, its secrets would stay encrypted and nobody would know.
    private static readonly EnumerationOptions _everywhere = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.ReparsePoint,
        MatchCasing = MatchCasing.CaseSensitive,
    };

    public async Task<StepResult<DecryptedSecrets>> Handle(DecryptSecrets command, CancellationToken cancellationToken)
    {
        var workspace = command.Archive.Workspace;

        var written = new HashSet<string>(StringComparer.Ordinal);

        foreach (var (path, decryptor) in SecretsIn(workspace.BundleDirectory).OrderBy(secret => secret.Path, StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(workspace.BundleDirectory, path);
            var clearPath = path[..^decryptor.Extension.Length];

            // The tar of macOS adds a '._settings.yml.aes' to a 'settings.yml.aes' that has extended attributes.
            if (clearPath.EndsWith('/') || IsAppleDouble(path))
                continue;

            if (decryptor.WhyNone is { } whyNone)
            {
                await command.Output.WriteGatewayLineAsync($"left {name} encrypted: {whyNone}");
                continue;
            }

            if (!written.Add(clearPath))
                return new RunFailure.UndecryptableSecret(name, "another secret of the bundle has the same clear file");

            if (Directory.Exists(clearPath))
                return new RunFailure.UndecryptableSecret(name, "a folder of the bundle has the name of its clear file");

            if (await decryptor.DecryptAsync(path, clearPath, cancellationToken) is { } why)
                return new RunFailure.UndecryptableSecret(name, why);

            await command.Output.WriteGatewayLineAsync($"decrypted {name}");
        }

        return new DecryptedSecrets(workspace);
    }

    private IEnumerable<(string Path, ISecretDecryptor Decryptor)> SecretsIn(string folder) =>
        from decryptor in decryptors
        from path in Directory.GetFiles(folder, "?*" + decryptor.Extension, _everywhere)
        select (path, decryptor);

    private static bool IsAppleDouble(string path)
    {
        if (!AppleDouble.IsName(path))
            return false;

        using var file = File.OpenRead(path);
        return AppleDouble.IsStartOf(file);
    }
}
