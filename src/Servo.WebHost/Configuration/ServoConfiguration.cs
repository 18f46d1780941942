using System.Security.Cryptography;
using Servo.Application;
using Servo.AspNetCore.Connections;
using Servo.Ochopod;

namespace Servo.WebHost.Configuration;

/// <summary>Reads the section <c>Servo</c> of the configuration.</summary>
internal static class ServoConfiguration
{
    private const string TokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Reads every setting and finds every problem: values that cannot be read, keys that do not exist and values out of range.</summary>
    public static IReadOnlyList<string> Read(IConfiguration configuration, out ServoOptions options, out PodOptions pod, out IReadOnlyList<string> warnings)
    {
        var settings = new SettingReader(configuration.GetSection("Servo"));
        options = new ServoOptions();
        pod = new PodOptions();

        options.Token = settings.Token("Token", "TokenFile") ?? NewToken();
        options.PublicUrl = settings.Address("PublicUrl");
        options.Portal.Mode = settings.Choice<PortalMode>("Portal:Mode");
        options.Portal.Url = settings.Address("Portal:Url");
        options.Portal.Token = settings.Token("Portal:Token") ?? options.Portal.Token;
        options.Workspace.Root = settings.Text("Workspace:Root") ?? options.Workspace.Root;
        options.Uploads.MaxBytes = settings.Number<long>("Uploads:MaxBytes") ?? options.Uploads.MaxBytes;
        options.Uploads.MaxConcurrent = settings.Number<int>("Uploads:MaxConcurrent") ?? options.Uploads.MaxConcurrent;
        options.Uploads.MaxPerAddress = settings.Number<int>("Uploads:MaxPerAddress");
        options.Uploads.MaxPendingBytes = settings.Number<long>("Uploads:MaxPendingBytes");
        options.Uploads.Timeout = settings.Duration("Uploads:Timeout") ?? options.Uploads.Timeout;
        options.Archives.MaxBytes = settings.Number<long>("Archives:MaxBytes") ?? options.Archives.MaxBytes;
        options.Archives.MaxEntries = settings.Number<int>("Archives:MaxEntries") ?? options.Archives.MaxEntries;
        options.Archives.MaxRatio = settings.Number<int>("Archives:MaxRatio") ?? options.Archives.MaxRatio;
        options.Scripts.Python = settings.Text("Scripts:Python") ?? options.Scripts.Python;
        options.Scripts.Timeout = settings.Duration("Scripts:Timeout") ?? options.Scripts.Timeout;
        options.Output.MaxBytes = settings.Number<long>("Output:MaxBytes") ?? options.Output.MaxBytes;
        options.Runs.MaxConcurrent = settings.Number<int>("Runs:MaxConcurrent") ?? options.Runs.MaxConcurrent;
        options.Runs.MaxQueued = settings.Number<int>("Runs:MaxQueued") ?? options.Runs.MaxQueued;
        pod.Enabled = settings.Flag("Pod:Enabled");
        pod.Shell = settings.Flag("Pod:Shell") ?? pod.Shell;
        pod.MetadataUrl = settings.Address("Pod:MetadataUrl") ?? pod.MetadataUrl;

        warnings = settings.Warnings;
        var ranges = new ServoOptionsValidator().Validate(options).Errors.Concat(new PodOptionsValidator().Validate(pod).Errors);
        string[] problems = [.. settings.Problems, .. ranges.Select(error => error.ErrorMessage)];

        // How many files are needed can only be told of numbers that make sense.
        return problems.Length == 0 && DescriptorBudget.Problem(OpenFileLimit.Read(), options) is { } tooFew ? [tooFew] : problems;
    }

    /// <summary>Whether the configuration leaves the token to the host.</summary>
    public static bool DrawsToken(IConfiguration configuration) =>
        string.IsNullOrEmpty(configuration["Servo:Token"]) && string.IsNullOrEmpty(configuration["Servo:TokenFile"]);

    private static string NewToken() => RandomNumberGenerator.GetString(TokenAlphabet, 32);
}
