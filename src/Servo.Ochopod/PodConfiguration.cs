using System.Collections;
using Servo.Application;
using Servo.Ochopod.Deployment;

namespace Servo.Ochopod;

/// <summary>Makes a host a pod where its environment, or a setting, says so.</summary>
public static class PodConfiguration
{
    /// <summary>Reads the environment of a pod; <see langword="null"/> where the host is none.</summary>
    /// <param name="pod">Whether it is to be one.</param>
    /// <param name="token">The servo token that the configuration has, if any.</param>
    public static PodEnvironment? Read(PodOptions pod, string? token)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

        if (!(pod.Enabled ?? PodEnvironment.IsThere(variables)))
            return null;

        var environment = PodEnvironment.Read(variables, ReadFile);

        if (token is not null && environment.Token is not null && token != environment.Token)
            environment.Refuse($"{GatewayOptions.TokenKey} and the token in the settings of the variable pod differ: set only one.");

        return environment;
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
