using System.Diagnostics.CodeAnalysis;

namespace Servo.Domain.Runs;

/// <summary>Names a run for ever: a UUID of version 7 (RFC 9562), so that ids sort by the time of their runs, written as 32 hexadecimal digits.</summary>
public readonly record struct RunId
{
    private readonly Guid _value;

    private RunId(Guid value) => _value = value;

    /// <summary>A new id of this moment.</summary>
    public static RunId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>Reads an id as <see cref="ToString"/> writes it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        var isOne = Guid.TryParseExact(text, "N", out var value);
        id = new RunId(value);
        return isOne;
    }

    /// <inheritdoc/>
    public override string ToString() => _value.ToString("N");
}
