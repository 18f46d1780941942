using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Servo.Client.DependencyInjection;

/// <summary>
/// Reads a gateway's settings from a section without reflection, which trimming would break and whose messages name no key.
/// </summary>
internal sealed class GatewaySection(IConfiguration section, string name)
{
    /// <summary>Throws <see cref="OptionsValidationException"/> that lists every problem with its key.</summary>
    public void Read(GatewaySettings settings)
    {
        var problems = new List<string>();
        settings.Url = ReadUrl(problems)!;
        settings.Credential = ReadCredential(problems)!;
        settings.Options.Algorithm = ReadAlgorithm(settings.Options.Algorithm, problems);
        settings.Options.MaxRetries = ReadRetries(settings.Options.MaxRetries, problems);
        settings.Options.MaxRetryDelay = ReadDelay(settings.Options.MaxRetryDelay, problems);

        if (problems.Count > 0)
            throw new OptionsValidationException(name, typeof(GatewaySettings), problems);
    }

    private Uri? ReadUrl(List<string> problems)
    {
        if (Value("Url") is not { } text)
            return Problem<Uri>(problems, $"{Key("Url")} is not set: give the gateway's address, such as https://servo.example:5000.");

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            ? url
            : Problem<Uri>(
                problems, $"{Key("Url")} is '{text}': it must be an absolute http or https URL, such as https://servo.example:5000.");
    }

    private ServoCredential? ReadCredential(List<string> problems)
    {
        var (token, file) = (Value("Token"), Value("TokenFile"));

        try
        {
            return (token, file) switch
            {
                (not null, not null) => Problem<ServoCredential>(
                    problems, $"{Key("Token")} and {Key("TokenFile")} are both set: remove one of them."),
                (not null, null) => new ServoCredential(token),
                (null, not null) => ServoCredential.FromFile(file),
                _ => ServoCredential.FromEnvironment(),
            };
        }
        catch (ArgumentException e)
        {
            return Problem<ServoCredential>(problems, token is not null ? $"{Key("Token")}: {e.Message}"
                : file is not null ? $"{Key("TokenFile")}: {e.Message}"
                : $"{e.Message} {Key("Token")} and {Key("TokenFile")} are not set either.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Problem<ServoCredential>(problems, $"{Key("TokenFile")} is '{file}', which cannot be read: {e.Message}");
        }
    }

    private SignatureAlgorithm ReadAlgorithm(SignatureAlgorithm otherwise, List<string> problems)
    {
        switch (Value("Algorithm")?.ToUpperInvariant())
        {
            case null:
                return otherwise;
            case "SHA256":
                return SignatureAlgorithm.Sha256;
            case "SHA512":
                return SignatureAlgorithm.Sha512;
            case "SHA1":
                return SignatureAlgorithm.Sha1;
            default:
                problems.Add($"{Key("Algorithm")} is '{Value("Algorithm")}': it must be Sha256, Sha512 or, for an original servo, Sha1.");
                return otherwise;
        }
    }

    private int ReadRetries(int otherwise, List<string> problems)
    {
        if (Value("MaxRetries") is not { } text)
            return otherwise;

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var retries))
            return retries;

        problems.Add($"{Key("MaxRetries")} is '{text}': it must be a whole number of at least 0.");
        return otherwise;
    }

    private TimeSpan ReadDelay(TimeSpan otherwise, List<string> problems)
    {
        if (Value("MaxRetryDelay") is not { } text)
            return otherwise;

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var delay) && delay >= TimeSpan.Zero)
            return delay;

        problems.Add($"{Key("MaxRetryDelay")} is '{text}': it must be a time of at least zero, such as 00:01:00.");
        return otherwise;
    }

    private string? Value(string key) => section[key] is { Length: > 0 } value ? value : null;

    private string Key(string key) => section is IConfigurationSection { Path: var path } ? ConfigurationPath.Combine(path, key) : key;

    private static T? Problem<T>(List<string> problems, string text)
        where T : class
    {
        problems.Add(text);
        return null;
    }
}
