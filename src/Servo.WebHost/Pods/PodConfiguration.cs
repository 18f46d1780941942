using System.Collections;
using Servo.Application;
using Servo.Application.Runs;
using Servo.AspNetCore.Endpoints;
using Servo.Domain;
using Servo.Infrastructure.Pods;
using Servo.WebHost.Configuration;

namespace Servo.WebHost.Pods;

/// <summary>Makes a host a pod where its environment, or a setting, says so.</summary>
internal static class PodConfiguration
{
    /// <summary>Reads the environment of a pod, and takes the servo token from it; <see langword="null"/> where the host is none.</summary>
    public static PodEnvironment? Read(IConfiguration configuration, ServoOptions options)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

        if (!(options.Pod.Enabled ?? PodEnvironment.IsThere(variables)))
            return null;

        var pod = PodEnvironment.Read(variables, ReadFile);

        if (pod.Token is not { } text)
            return pod;

        var token = TokenText.Trim(text);

        if (TokenText.Problem(token) is { } why)
            pod.Refuse($"The token in the settings of the variable pod {why}.");

        if (!ServoConfiguration.DrawsToken(configuration) && options.Token != token)
            pod.Refuse("Servo:Token and the token in the settings of the variable pod differ: set only one.");

        options.Token = token;
        return pod;
    }

    /// <summary>Adds what a pod is beside a gateway, if the host is one.</summary>
    /// <exception cref="PodAddressException">The machine's address cannot be found.</exception>
    public static async Task AddPodAsync(this WebApplicationBuilder builder, PodEnvironment? environment, ServoOptions options)
    {
        if (environment is null)
            return;

        var services = builder.Services;
        services.AddPod(environment, await environment.IdentifyAsync(options.Pod.MetadataUrl, CancellationToken.None));
        services.AddSingleton<IMappedAddress, PodAddressMap>();

        services.AddSingleton<PodLog>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<PodLog>());
        services.AddSingleton<PodInfo>();
        services.AddSingleton<PodTools>();
        services.AddSingleton<IPodTool, RunTool>();

        if (options.Pod.Shell)
            services.AddSingleton<IPodTool, ShellTool>();

        services.AddHostedService<PodEndpoint>();
        services.AddHostedService<PodMember>();
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
