namespace Servo.Client.Runs;

/// <summary>The headers that carry a run's variables. Which names may be set is the gateway's to judge; here it is only whether a header can hold them.</summary>
internal static class VariableHeaders
{
    private const string Prefix = "X-Var-";

    public static IReadOnlyList<KeyValuePair<string, string>> From(IReadOnlyDictionary<string, string> variables, Gateway gateway) =>
        [.. variables.Select(variable => new KeyValuePair<string, string>(Prefix + Checked(variable.Key), Checked(variable.Key, variable.Value, gateway)))];

    private static string Checked(string name) =>
        name.Length > 0 && name.All(IsTokenCharacter)
            ? name
            : throw new ArgumentException($"The variable name '{name}' cannot be sent: use letters, digits and '_'.");

    private static string Checked(string name, string value, Gateway gateway)
    {
        if (value is null)
            throw new ArgumentException($"The variable '{name}' has no value.");

        if (value.Any(char.IsControl))
            throw new ArgumentException($"The value of the variable '{name}' has a line break or another control character, which a header cannot hold: put it into a file of the bundle.");

        // Whoever reads a header drops what is around its value (RFC 9110, section 5.5), and the script would get another value than was set.
        if (value.Length > 0 && (char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[value.Length - 1])))
            throw new ArgumentException($"The value of the variable '{name}' begins or ends with white space, which would be lost on the way: put it into a file of the bundle.");

        // The platform's HttpClient refuses them, unless its handler was told an encoding.
        if (!gateway.SendsUtf8 && value.Any(character => character > 0x7e))
            throw new ArgumentException(
                $"The value of the variable '{name}' is not plain ASCII, which cannot be sent {(gateway.IsShared ? "on this version of .NET" : $"unless {nameof(ServoClientOptions)}.{nameof(ServoClientOptions.HttpClientSendsUtf8)} is true")}: put it into a file of the bundle.");

        return value;
    }

    // RFC 9110, section 5.6.2.
    private static bool IsTokenCharacter(char character) =>
        character is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!#$%&'*+-.^_`|~".IndexOf(character) >= 0;
}
