using System.Diagnostics.CodeAnalysis;

namespace Servo.Domain;

/// <summary>A result type that can be made from a rejection alone, so that a pipeline behaviour can answer for any request.</summary>
/// <typeparam name="TSelf">The result type itself.</typeparam>
public interface IRejectable<out TSelf>
{
    /// <summary>Why there is no value, or <see langword="null"/>.</summary>
    Rejection? Rejection { get; }

    /// <summary>Makes the result that carries <paramref name="rejection"/>.</summary>
    static abstract TSelf Rejected(Rejection rejection);
}

#pragma warning disable CA1000 // Rejected is called through the static abstract member, never by naming the closed type.

/// <summary>Either the value of a step that was done or the <see cref="Domain.Rejection"/> that says why it was not.</summary>
/// <typeparam name="T">What the step makes.</typeparam>
public sealed class Result<T> : IRejectable<Result<T>>
    where T : notnull
{
    private Result(T? value, Rejection? rejection) => (Value, Rejection) = (value, rejection);

    /// <summary>The value, or the default of <typeparamref name="T"/> when <see cref="Rejection"/> is set.</summary>
    public T? Value { get; }

    /// <inheritdoc/>
    public Rejection? Rejection { get; }

    /// <summary>Tells which of the two this is.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Rejection? rejection)
    {
        (value, rejection) = (Value, Rejection);
        return rejection is null;
    }

    /// <inheritdoc/>
    public static Result<T> Rejected(Rejection rejection) => new(default, rejection);

    /// <summary>Wraps a value.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>Wraps a rejection.</summary>
    public static implicit operator Result<T>(Rejection rejection) => Rejected(rejection);
}
