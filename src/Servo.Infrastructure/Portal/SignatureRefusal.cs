using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Servo.Infrastructure.Portal;

/// <summary>Tells a portal's refusal of a command's signature, which comes before anything is run, from every other answer.</summary>
internal static class SignatureRefusal
{
    /// <summary>No refusal is longer.</summary>
    public const int MaxBytes = 1024;

    private static readonly string[] _sentences =
    [
        "failure -> SHA1 signature mismatch (check your token)",
        "failure -> signature missing (make sure you define $OCHOPOD_TOKEN)",
    ];

    /// <summary>Looks at an answer, which may be longer; returns whether it is such a refusal, and the answer to be read from its beginning.</summary>
    public static async Task<(bool IsOne, Stream Answer)> LookAsync(Stream answer, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(answer);
        var start = await reader.ReadAtLeastAsync(MaxBytes + 1, cancellationToken);
        var isOne = start.IsCompleted && start.Buffer.Length <= MaxBytes && IsOne(start.Buffer);
        reader.AdvanceTo(start.Buffer.Start);

        return (isOne, reader.AsStream());
    }

    private static bool IsOne(ReadOnlySequence<byte> answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);

            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.False
                && root.TryGetProperty("out", out var text) && text.ValueKind == JsonValueKind.String && _sentences.Contains(text.GetString());
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
