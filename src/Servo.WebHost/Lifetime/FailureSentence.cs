using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Servo.WebHost.Lifetime;

/// <summary>Says in one sentence what an exception means to an operator. Names no type of another assembly: a missing one must be told, too.</summary>
internal static class FailureSentence
{
    public static string Of(Exception exception) => Sentence(exception switch
    {
        AggregateException { InnerExceptions: [_, ..] several } => string.Join("; ", several.Select(Of).Distinct().Select(sentence => sentence.TrimEnd('.'))),
        TypeInitializationException { InnerException: { } cause } => Of(cause),
        InvalidDataException { InnerException: FormatException { InnerException: JsonException json } } broken =>
            $"{broken.Message.TrimEnd('.')}: it is not valid JSON (line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1})",
        IOException or InvalidDataException or UnauthorizedAccessException or SocketException or CryptographicException
            or InvalidOperationException or NotSupportedException or FormatException or TypeLoadException or TimeoutException => exception.Message,
        _ when exception.GetType().Namespace is { } place && place.StartsWith("Servo.", StringComparison.Ordinal) => exception.Message,
        // Nothing that an operator is known to cause: a report of it needs its kind and its place.
        _ => $"an unexpected fault, {exception.GetType().Name} in {exception.TargetSite?.DeclaringType?.FullName}: {exception.Message}",
    });

    /// <summary>The first line alone, as the framework adds paragraphs of advice, and without what would steer a terminal.</summary>
    private static string Sentence(string message)
    {
        var line = message.AsSpan().Trim();

        if (line.IndexOfAny('\r', '\n') is >= 0 and var end)
            line = line[..end];

        var text = new StringBuilder(line.Length + 1);

        foreach (var c in line)
            text.Append(char.IsControl(c) ? '\uFFFD' : c);

        return text.ToString().TrimEnd('.', ' ') + '.';
    }
}
