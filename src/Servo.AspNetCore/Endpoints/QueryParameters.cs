using Servo.AspNetCore.Refusals;
using Servo.Domain;

namespace Servo.AspNetCore.Endpoints;

/// <summary>Refuses a query that asks for something else than its address can answer, which would otherwise be answered with too much.</summary>
internal static class QueryParameters
{
    private const int MostShown = 64;

    /// <summary>Why a query is refused that has another parameter than these, or one of them twice; <see langword="null"/> where it is not.</summary>
    public static Refusal.Malformed? RefusalOf(IQueryCollection query, IReadOnlyCollection<string> known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return new Refusal.Malformed($"There is no parameter '{Shown(name)}' here.{(name.Length > MostShown ? "" : NearestKey.Question(name, known))} {Takes(known)}");

            if (values.Count > 1)
                return new Refusal.Malformed($"The parameter {name} must be given once only.");
        }

        return null;
    }

    private static string Shown(string name) => name.Length > MostShown ? name[..MostShown] + "…" : name;

    private static string Takes(IReadOnlyCollection<string> known) =>
        known.Count == 0 ? "This address takes none." : $"This address takes {string.Join(", ", known)}.";
}
