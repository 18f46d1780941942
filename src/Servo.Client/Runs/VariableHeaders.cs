namespace Servo.Client.Runs;

/// <summary>The headers that carry a run's variables. Which names may be set is the gateway's to judge; here it is only whether a header can hold them.</summary>
internal static class VariableHeaders
{
    private const string Prefix = "X-Var-";

    public static IReadOnlyList<KeyValuePair<string, string>> From(IReadOnlyDictionary<string, string> variables, bool sendsUtf8) =>
        [.. variables.Select(variable => new KeyValuePair<string, string>(Prefix + Checked(variable.Key), Checked(variable.Key, variable.Value, sendsUtf8)))];

    private static string Checked(string name) =>
        name.Length > 0 && name.All(IsTokenCharacter)
            ? name
            : throw new ArgumentException($"The variable name '{name}' cannot be sent: use letters, digits and '_'.");

    private static string Checked(string name, string value, bool sendsUtf8)
    {
        if (value is null)
            throw new ArgumentException($"The variable '{name}' has no value.");

        if (value.Any(char.IsControl))
            throw new ArgumentException($"The value of the variable '{name}' has a line break or another control character, which a header cannot hold: put it into a file of the bundle.");

        // The platform's HttpClient refuses them, unless its handler was told an encoding.
        if (!sendsUtf8 && value.Any(character => character > 0x7e))
            throw new ArgumentException($"The value of the variable '{name}' is not plain ASCII, which only the client's own HttpClient on .NET 10 can send: put it into a file of the bundle.");

        return value;
    }

    // RFC 9110, section 5.6.2.
    private static bool IsTokenCharacter(char character) =>
        character is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!#$%&'*+-.^_`|~".IndexOf(character) >= 0;
}
