using Servo.Client.Bundles;

namespace Servo.Client.Runs;

/// <summary>The validated arguments of a call, independent of later changes to the caller's options.</summary>
internal sealed record RunArguments(
    Bundle Bundle,
    ScriptNames Scripts,
    IReadOnlyList<KeyValuePair<string, string>> Variables,
    TimeSpan Timeout,
    bool KeepLines,
    bool CheckScripts,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    CancellationToken RunCancellation)
{
    /// <summary>Throws <see cref="ArgumentException"/> for arguments that cannot be sent.</summary>
    public static RunArguments From(Bundle bundle, IEnumerable<string> scripts, RunOptions? options, Gateway gateway)
    {
        Guard.NotNull(bundle, nameof(bundle));
        options ??= new RunOptions();
        options.Validate();

        return new RunArguments(
            bundle,
            ScriptNames.From(scripts),
            VariableHeaders.From(options.Variables, gateway),
            options.Timeout,
            options.KeepLines,
            options.CheckScripts,
            OptionHeaders.From(options),
            options.RunCancellation);
    }

    /// <summary>Packs and signs the bundle.</summary>
    public Task<PackedBundle> OpenAsync(
        ServoCredential credential, SignatureAlgorithm algorithm, IProgress<RunProgress>? progress, CancellationToken cancellationToken) =>
        Bundle.OpenAsync(credential, algorithm, CheckScripts ? Scripts.Names : [], progress, cancellationToken);
}
