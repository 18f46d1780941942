using System.Collections;
using Servo.Application;
using Servo.Domain;
using Servo.Ochopod.Deployment;

namespace Servo.Ochopod;

/// <summary>Makes a host a pod where its environment, or a setting, says so.</summary>
public static class PodConfiguration
{
    /// <summary>Reads the environment of a pod, and takes the servo token from it; <see langword="null"/> where the host is none.</summary>
    /// <param name="pod">Whether it is to be one.</param>
    /// <param name="options">Gets the token.</param>
    /// <param name="hasToken">Whether the token of <paramref name="options"/> was configured, and not drawn.</param>
    public static PodEnvironment? Read(PodOptions pod, ServoOptions options, bool hasToken)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

        if (!(pod.Enabled ?? PodEnvironment.IsThere(variables)))
            return null;

        var environment = PodEnvironment.Read(variables, ReadFile);

        if (environment.Token is not { } text)
            return environment;

        var token = TokenText.Trim(text);

        if (TokenText.Problem(token) is { } why)
            environment.Refuse($"The token in the settings of the variable pod {why}.");

        if (hasToken && options.Token != token)
            environment.Refuse("Servo:Token and the token in the settings of the variable pod differ: set only one.");

        options.Token = token;
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
