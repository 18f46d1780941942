using System.Globalization;
using Servo.Client;
using Servo.Shared;

namespace Servo.MSBuild;

/// <summary>The validated parameters of the task.</summary>
internal sealed class RunSettings
{
    private static readonly string[] _timeFormats = [@"h\:mm\:ss", @"d\.h\:mm\:ss"];

    private RunSettings(Uri gateway, ServoCredential credential, Bundle bundle) =>
        (Gateway, Credential, Bundle) = (gateway, credential, bundle);

    public Uri Gateway { get; }

    public ServoCredential Credential { get; }

    public Bundle Bundle { get; }

    public IReadOnlyList<string> Scripts { get; private init; } = [];

    public RunOptions RunOptions { get; private init; } = new();

    public ServoClientOptions ClientOptions { get; private init; } = new();

    /// <summary>Validates everything, so that one build reports every problem; returns <see langword="null"/> if there is any.</summary>
    public static RunSettings? From(ServoRun task, out IReadOnlyList<string> problems)
    {
        var found = new List<string>();
        var gateway = ReadGateway(task.Url, found);
        var credential = ReadCredential(task, found);
        var bundle = ReadBundle(task, found);
        var algorithm = ReadAlgorithm(task.Algorithm, found);
        var timeout = ReadTimeout("ServoTimeout", task.Timeout, Timeout.InfiniteTimeSpan, found);
        var reconnect = ReadTimeout(
            "ServoReconnectTimeout", task.ReconnectTimeout, new ServoClientOptions().ReconnectTimeout, found);
        var variables = ReadVariables(task, found);
        var locks = ReadLocks(task, found);

        if (task.Scripts.Length == 0)
            found.Add("There are no scripts to run: add items such as <ServoScript Include=\"deploy.py\" />.");

        problems = found;

        return found.Count > 0 || gateway is null || credential is null || bundle is null
            ? null
            : new RunSettings(gateway, credential, bundle)
            {
                Scripts = [.. task.Scripts.Select(script => Slashes(script.ItemSpec))],
                RunOptions = new RunOptions
                {
                    Variables = variables,
                    Timeout = timeout,
                    KeepLines = false,
                    Locks = locks,
                    IdempotencyKey = string.IsNullOrEmpty(task.IdempotencyKey) ? null : task.IdempotencyKey,
                },
                ClientOptions = new ServoClientOptions { Algorithm = algorithm, ReconnectTimeout = reconnect },
            };
    }

    private static Uri? ReadGateway(string? url, List<string> problems)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var gateway) && (gateway.Scheme is "http" or "https"))
            return gateway;

        problems.Add(string.IsNullOrEmpty(url)
            ? "ServoUrl is not set: give the gateway's address, such as https://servo.example:5000."
            : $"ServoUrl is '{url}': it must be an absolute http or https URL, such as https://servo.example:5000.");
        return null;
    }

    private static ServoCredential? ReadCredential(ServoRun task, List<string> problems)
    {
        if (task.TokenInProperty)
            problems.Add(
                "ServoToken is set, but binary logs show every property: put the token into the environment variable "
                    + $"{ServoCredential.EnvironmentVariable} or a file that ServoTokenFile names, and replace the token if such a log "
                    + "was kept.");

        if (string.IsNullOrEmpty(task.TokenFile)
            && string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(ServoCredential.EnvironmentVariable)))
        {
            problems.Add(
                $"The servo token is missing: set the environment variable {ServoCredential.EnvironmentVariable}, or ServoTokenFile to a "
                    + $"file that holds it.{HostTokenSetting.Hint()}");
            return null;
        }

        try
        {
            return string.IsNullOrEmpty(task.TokenFile) ? ServoCredential.FromEnvironment() : ServoCredential.FromFile(task.TokenFile!);
        }
        catch (ArgumentException e)
        {
            problems.Add(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problems.Add($"ServoTokenFile is '{task.TokenFile}', which cannot be read: {e.Message}");
        }

        return null;
    }

    private static Bundle? ReadBundle(ServoRun task, List<string> problems)
    {
        var path = task.Bundle ?? "";

        if (File.Exists(path) && (task.Encrypt.Length > 0 || task.Exclude.Length > 0))
            problems.Add(
                $"ServoBundle is the archive '{path}', which is uploaded as it is: ServoEncrypt and ServoExclude are for folders.");
        else if (File.Exists(path))
            return Bundle.FromArchive(path);
        else if (Directory.Exists(path))
            return Bundle.FromDirectory(path).Without(task.Exclude).WithEncrypted(task.Encrypt);
        else
            problems.Add(path.Length == 0
                ? "ServoBundle is not set, and the project has no folder 'deploy': name a folder or an archive."
                : $"ServoBundle is '{path}', which is neither a folder nor an archive.");

        return null;
    }

    private static SignatureAlgorithm ReadAlgorithm(string? name, List<string> problems)
    {
        switch (name?.ToLowerInvariant())
        {
            case null or "" or "sha256":
                return SignatureAlgorithm.Sha256;
            case "sha512":
                return SignatureAlgorithm.Sha512;
            case "sha1":
                return SignatureAlgorithm.Sha1;
            default:
                problems.Add($"ServoAlgorithm is '{name}': use sha256, sha512 or, for an original servo, sha1.");
                return default;
        }
    }

    private static TimeSpan ReadTimeout(string name, string? text, TimeSpan otherwise, List<string> problems)
    {
        if (string.IsNullOrEmpty(text))
            return otherwise;

        var isSeconds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
        var timeout = TimeSpan.FromSeconds(seconds);

        if (!isSeconds && !TimeSpan.TryParseExact(text, _timeFormats, CultureInfo.InvariantCulture, out timeout))
            problems.Add($"{name} is '{text}': give hh:mm:ss or a number of seconds.");
        // What a timer takes, a little under 25 days.
        else if (timeout <= TimeSpan.Zero || timeout > TimeSpan.FromDays(24))
            problems.Add($"{name} is '{text}': it must be more than zero and at most 24 days.");

        return timeout;
    }

    private static Dictionary<string, string> ReadVariables(ServoRun task, List<string> problems)
    {
        var variables = new Dictionary<string, string>();

        foreach (var variable in task.Variables)
        {
            if (variables.ContainsKey(variable.ItemSpec))
                problems.Add($"The variable '{variable.ItemSpec}' is set by more than one ServoVariable item.");

            variables[variable.ItemSpec] = variable.GetMetadata("Value");
        }

        return variables;
    }

    private static List<RunLock> ReadLocks(ServoRun task, List<string> problems)
    {
        var locks = new List<RunLock>();

        foreach (var item in task.Locks)
        {
            try
            {
                locks.Add(new RunLock(item.ItemSpec, string.Equals(item.GetMetadata("Shared"), "true", StringComparison.OrdinalIgnoreCase)));
            }
            catch (ArgumentException e)
            {
                problems.Add($"ServoLock: {ArgumentMessage.Of(e)}");
            }
        }

        return locks;
    }

    // MSBuild on Windows writes paths with backslashes; the names inside a bundle have slashes.
    private static string Slashes(string name) => Path.DirectorySeparatorChar == '\\' ? name.Replace('\\', '/') : name;
}
