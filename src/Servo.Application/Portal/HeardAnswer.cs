using System.Text.Json;
using Servo.Application.Auditing;
using Servo.Streams;

namespace Servo.Application.Portal;

/// <summary>Passes an answer of the portal on untouched, and tells at its end what became of the command: one of <see cref="CommandOutcomes"/>.</summary>
internal sealed class HeardAnswer(PortalAnswer answer, Action<string> ended) : ForwardOnlyStream
{
    /// <summary>How long an answer may be that is looked into: those to commands which change something are short.</summary>
    internal const int MaxHeard = 64 * 1024;

    private readonly MemoryStream _heard = new();
    private bool _isWhole;
    private bool _isTold;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await answer.Content.ReadAsync(buffer, cancellationToken);
        _isWhole |= read == 0 && !buffer.IsEmpty;

        // One byte more tells that it is longer.
        _heard.Write(buffer.Span[..(int)Math.Min(read, MaxHeard + 1 - _heard.Length)]);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isTold)
        {
            _isTold = true;
            ended(Outcome());
        }

        await answer.DisposeAsync();
        await base.DisposeAsync();
    }

    private string Outcome() =>
        !_isWhole ? CommandOutcomes.Abandoned
        : Succeeded() switch
        {
            true => CommandOutcomes.Succeeded,
            false => CommandOutcomes.Failed,
            null => CommandOutcomes.Answered,
        };

    private bool? Succeeded()
    {
        if (_heard.Length > MaxHeard)
            return null;

        try
        {
            using var json = JsonDocument.Parse(_heard.GetBuffer().AsMemory(0, (int)_heard.Length));

            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("ok", out var ok)
                ? ok.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
