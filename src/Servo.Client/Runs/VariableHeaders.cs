namespace Servo.Client.Runs;

/// <summary>
/// The headers that carry a run's variables. Checks only whether a header can carry them; the gateway decides which names may be set.
/// </summary>
internal static class VariableHeaders
{
    private const string Prefix = "X-Var-";

    public static IReadOnlyList<KeyValuePair<string, string>> From(IReadOnlyDictionary<string, string> variables, Gateway gateway) =>
    [
        .. variables.Select(variable =>
            new KeyValuePair<string, string>(Prefix + Checked(variable.Key), Checked(variable.Key, variable.Value, gateway))),
    ];

    private static string Checked(string name) =>
        name.Length > 0 && name.All(IsTokenCharacter)
            ? name
            : throw new ArgumentException($"The variable name '{name}' cannot be sent: use letters, digits and '_'.");

    private static string Checked(string name, string value, Gateway gateway)
    {
        if (value is null)
            throw new ArgumentException($"The variable '{name}' has no value.");

        if (value.Any(char.IsControl))
            throw new ArgumentException(
                $"The value of the variable '{name}' contains a line break or another control character, which a header cannot carry: put "
                    + "it into a file of the bundle.");

        // Whoever reads a header drops what is around its value (RFC 9110, section 5.5), and the script would get another value than was
        // set.
        if (value.Length > 0 && (char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[value.Length - 1])))
            throw new ArgumentException(
                $"The value of the variable '{name}' starts or ends with white space, which would be lost in transit: put it into a file "
                    + "of the bundle.");

        // The platform's HttpClient refuses them, unless its handler was told an encoding.
        if (!gateway.SendsUtf8 && value.Any(character => character > 0x7e))
            throw new ArgumentException(
                $"The value of the variable '{name}' is not plain ASCII and cannot be sent {Condition(gateway)}: put it into a file of the "
                    + "bundle.");

        return value;
    }

    private static string Condition(Gateway gateway) => gateway.IsShared
        ? "on this version of .NET"
        : $"unless {nameof(ServoClientOptions)}.{nameof(ServoClientOptions.HttpClientSendsUtf8)} is true";

    // RFC 9110, section 5.6.2.
    private static bool IsTokenCharacter(char character) =>
        character is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!#$%&'*+-.^_`|~".IndexOf(character) >= 0;
}
