using System.Text;

namespace Servo.Client;

/// <summary>
/// The servo token: the key of signatures and the password of secrets. <see cref="ToString"/> never shows it. A byte order mark at its
/// start and a single line ending at its end are removed, wherever it comes from; other white space around it, and a line break or a NUL
/// inside, is refused.
/// </summary>
public sealed class ServoCredential
{
    /// <summary>The environment variable that <see cref="FromEnvironment"/> reads by default.</summary>
    public const string EnvironmentVariable = "SERVO_TOKEN";

    private const char Mark = '\uFEFF';

    private readonly string _token;

    /// <summary>Takes a token; throws <see cref="ArgumentException"/> if it is empty or invalid.</summary>
    public ServoCredential(string token) : this(token, "The servo token")
    {
    }

    private ServoCredential(string token, string source)
    {
        _token = WithoutLineEnding(WithoutMark(token ?? ""));

        if (WhyNot(_token) is { } why)
            throw new ArgumentException($"{source} {why}");
    }

    /// <summary>
    /// Reads the token from an environment variable; throws <see cref="ArgumentException"/>, which names the variable, if it is unset,
    /// empty or invalid.
    /// </summary>
    public static ServoCredential FromEnvironment(string variable = EnvironmentVariable)
    {
        Guard.NotNull(variable, nameof(variable));

        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } token
            ? new ServoCredential(token, $"The servo token in the environment variable {variable}")
            : throw new ArgumentException($"The servo token is missing: set the environment variable {variable}.");
    }

    /// <summary>
    /// Reads the token from a file (UTF-8); throws <see cref="ArgumentException"/> if it is empty or invalid, and <see cref="IOException"/>
    /// if the file cannot be read.
    /// </summary>
    public static ServoCredential FromFile(string path)
    {
        var source = $"The servo token in the file '{path}'";

        try
        {
            return new ServoCredential(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)), source);
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException($"{source} is not UTF-8 text: save it as UTF-8.", e);
        }
    }

    /// <summary>The token's bytes (UTF-8).</summary>
    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(_token);

    /// <summary>A text that does not reveal the token.</summary>
    public override string ToString() => "a servo token";

    // Editors begin a text so.
    private static string WithoutMark(string token) => token.Length > 0 && token[0] == Mark ? token.Substring(1) : token;

    // Editors, 'echo' and files of Kubernetes secrets end a text so.
    private static string WithoutLineEnding(string token) =>
        token.EndsWith("\r\n", StringComparison.Ordinal) ? token.Substring(0, token.Length - 2)
        : token.EndsWith("\n", StringComparison.Ordinal) ? token.Substring(0, token.Length - 1)
        : token;

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == Mark;

    private static string? WhyNot(string token)
    {
        if (string.IsNullOrWhiteSpace(token))
            return "is empty. The gateway prints its token when it starts, and 'poll *servo' shows it.";

        if (IsBlank(token[0]) || IsBlank(token[token.Length - 1]))
            return "starts or ends with white space: remove it, it is usually there by mistake.";

        return token.IndexOfAny(['\r', '\n', '\0']) >= 0 ? "contains a line break or a NUL: it must be one line of text." : null;
    }
}
