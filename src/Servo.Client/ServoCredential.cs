using System.Text;

namespace Servo.Client;

/// <summary>The servo token: the key of signatures and the password of secrets. Its text form never shows it.</summary>
public sealed class ServoCredential
{
    /// <summary>The environment variable that <see cref="FromEnvironment"/> reads.</summary>
    public const string EnvironmentVariable = "SERVO_TOKEN";

    private readonly string _token;

    /// <summary>Takes a token; throws <see cref="ArgumentException"/> where it is empty or blank.</summary>
    public ServoCredential(string token)
    {
        if (string.IsNullOrWhiteSpace(token))
            throw new ArgumentException("The servo token is empty. The gateway prints it when it starts, and 'poll *servo' shows it.", nameof(token));

        _token = token;
    }

    /// <summary>Takes the token from the variable <c>SERVO_TOKEN</c>; throws <see cref="ArgumentException"/> where it is unset or empty.</summary>
    public static ServoCredential FromEnvironment() =>
        Environment.GetEnvironmentVariable(EnvironmentVariable) is { } token && !string.IsNullOrWhiteSpace(token)
            ? new ServoCredential(token)
            : throw new ArgumentException($"There is no servo token: set the environment variable {EnvironmentVariable}.");

    /// <summary>Takes the token from a file, without the white space around it; throws <see cref="ArgumentException"/> where that is empty, and <see cref="IOException"/> where the file cannot be read.</summary>
    public static ServoCredential FromFile(string path)
    {
        var token = File.ReadAllText(path).Trim();

        return token.Length > 0 ? new ServoCredential(token) : throw new ArgumentException($"The token file '{path}' is empty.", nameof(path));
    }

    /// <summary>The token's bytes (UTF-8).</summary>
    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(_token);

    /// <summary>A text that says what this is and not what it holds.</summary>
    public override string ToString() => "a servo token";
}
