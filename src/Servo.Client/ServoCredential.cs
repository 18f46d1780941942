using System.Text;

namespace Servo.Client;

/// <summary>
/// The servo token: the key of signatures and the password of secrets. Its text form never shows it. Wherever it comes from, a byte order mark before it and one
/// line ending at its end are no part of it; other white space around it, and a line break or a NUL inside, is refused.
/// </summary>
public sealed class ServoCredential
{
    /// <summary>The environment variable that <see cref="FromEnvironment"/> reads by default.</summary>
    public const string EnvironmentVariable = "SERVO_TOKEN";

    private const char Mark = '\uFEFF';

    private readonly string _token;

    /// <summary>Takes a token; throws <see cref="ArgumentException"/> where it is empty, or holds what no token may.</summary>
    public ServoCredential(string token) : this(token, "The servo token")
    {
    }

    private ServoCredential(string token, string source)
    {
        _token = WithoutLineEnding(WithoutMark(token ?? ""));

        if (WhyNot(_token) is { } why)
            throw new ArgumentException($"{source} {why}");
    }

    /// <summary>Takes the token from an environment variable; throws <see cref="ArgumentException"/> that names it where it is unset or empty, or holds what no token may.</summary>
    public static ServoCredential FromEnvironment(string variable = EnvironmentVariable)
    {
        Guard.NotNull(variable, nameof(variable));

        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } token
            ? new ServoCredential(token, $"The servo token in the environment variable {variable}")
            : throw new ArgumentException($"There is no servo token: set the environment variable {variable}.");
    }

    /// <summary>Takes the token from a file (UTF-8); throws <see cref="ArgumentException"/> where it is empty or holds what no token may, and <see cref="IOException"/> where the file cannot be read.</summary>
    public static ServoCredential FromFile(string path)
    {
        var source = $"The servo token in the file '{path}'";

        try
        {
            return new ServoCredential(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)), source);
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException($"{source} is not UTF-8 text: save it as that.", e);
        }
    }

    /// <summary>The token's bytes (UTF-8).</summary>
    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(_token);

    /// <summary>A text that says what this is and not what it holds.</summary>
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
            return "begins or ends with white space: take that away, which is mostly there by mistake.";

        return token.IndexOfAny(['\r', '\n', '\0']) >= 0 ? "holds a line break or a NUL: it must be one line of text." : null;
    }
}
