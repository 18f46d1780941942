using System.Security.Cryptography;
using Servo.Application;
using Servo.Application.Portal;
using Servo.Application.Runs;
using Servo.Application.Scripts;
using Servo.Application.Secrets;
using Servo.Application.Settings;
using Servo.Application.Workspaces;
using Servo.AspNetCore.Connections;
using Servo.Infrastructure.Cgroups;
using Servo.Infrastructure.Scripts;
using Servo.Infrastructure.Secrets;
using Servo.Infrastructure.Workspaces;

namespace Servo.WebHost.Configuration;

/// <summary>Reads the settings of all registered options from the configuration, before anything is started.</summary>
internal static class ServoConfiguration
{
    private const string TokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>
    /// Configures the options, and finds every problem: values that cannot be read, keys that do not exist and values out of range. Options that are
    /// registered afterwards are not read.
    /// </summary>
    public static ServoSettings ReadSettings(this IServiceCollection services, IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var options = SectionsIn(services).ToDictionary(section => section, section => Configure(services, section, reader.Read(section)));
        var settings = new ServoSettings(options.ToDictionary(read => read.Key.OptionsType, read => read.Value));

        settings.Problems.AddRange([.. reader.Problems, .. reader.UnknownKeys(GatewayOptions.Section)]);
        FindToken(services, settings, isSet: reader.Has(GatewayOptions.TokenKey));
        settings.Problems.AddRange(options.SelectMany(read => read.Key.Problems(read.Value)));

        string?[] tokens = [settings.Token, settings.Get<PortalOptions>().Token, settings.Get<SecretOptions>().Password];
        settings.Problems.AddRange(ScriptVariables.Leaks(settings.Get<ScriptOptions>(), tokens));

        if (settings.Problems.Count == 0)
            CheckCertificates(settings);

        settings.Problems.AddRange(SandboxProblems.Of(settings.Get<ScriptOptions>()));
        settings.Problems.AddRange(RunUsers.Problems(settings.Get<ScriptOptions>(), settings.Get<AdmissionOptions>(), settings.Get<WorkspaceOptions>()));

        // These change what is there, so only by settings that make sense.
        if (settings.Problems.Count == 0)
            settings.Problems.AddRange(RunCgroups.Problems(settings.Get<ScriptOptions>(), settings.Get<WorkspaceOptions>()));

        // Where programs are can only be told of names that make sense.
        if (settings.Problems.Count == 0)
            settings.Problems.AddRange(Programs.Problems(settings.Get<ScriptOptions>()));

        // How many files are needed can only be told of numbers that make sense.
        if (settings.Problems.Count == 0 && DescriptorBudget.Problem(OpenFileLimit.Read(), settings.Get<AdmissionOptions>()) is { } tooFew)
            settings.Problems.Add(tooFew);

        return settings;
    }

    private static void CheckCertificates(ServoSettings settings)
    {
        var options = settings.Get<SecretOptions>();
        settings.Problems.AddRange(SecretCertificates.Problems(options));

        if (settings.Problems.Count == 0)
            settings.Warnings.AddRange(SecretCertificates.Warnings(options, DateTimeOffset.Now));
    }

    private static List<SettingsSection> SectionsIn(IServiceCollection services) =>
        [.. services.Where(service => service.ServiceType == typeof(SettingsSection)).Select(service => (SettingsSection)service.ImplementationInstance!)];

    private static object Configure(IServiceCollection services, SettingsSection section, Action<object> set)
    {
        section.Configure(services, set);
        var options = section.CreateDefault();
        set(options);
        return options;
    }

    /// <summary>Takes the token from its file where one is named, and draws one where nothing is set, or what is set cannot be read.</summary>
    private static void FindToken(IServiceCollection services, ServoSettings settings, bool isSet)
    {
        var gateway = settings.Get<GatewayOptions>();
        var file = settings.Get<TokenFileOptions>().TokenFile;
        var drawn = RandomNumberGenerator.GetString(TokenAlphabet, 32);

        if (isSet && file is not null)
            settings.Problems.Add($"{GatewayOptions.TokenKey} and {TokenFileOptions.TokenFileKey} are both set: set only one.");

        var found = isSet ? gateway.Token : file is null ? null : ReadFile(file, settings);
        settings.Token = found is { Length: > 0 } ? found : null;
        settings.DrawnToken = isSet || file is not null ? null : drawn;

        Action<GatewayOptions> fill = options => options.Token = options.Token.Length > 0 ? options.Token : settings.Token ?? drawn;
        fill(gateway);
        services.PostConfigure(fill);
    }

    private static string? ReadFile(string path, ServoSettings settings)
    {
        var token = TokenFile.Read(path, out var problem, out var warning);

        if (problem is not null)
            settings.Problems.Add($"{TokenFileOptions.TokenFileKey}: {problem}.");

        if (warning is not null)
            settings.Warnings.Add($"{TokenFileOptions.TokenFileKey}: {warning}.");

        return token;
    }
}
