using System.Diagnostics.CodeAnalysis;

namespace Servo.Domain;

#pragma warning disable CA1000 // The static members are called through the interfaces, never by naming the closed type.

/// <summary>What a step answers: a value, or why there is none.</summary>
/// <typeparam name="TSelf">The result type itself.</typeparam>
public interface IResult<out TSelf>
{
    /// <summary>The kind of the refusal or the failure, or <see langword="null"/> where there is a value.</summary>
    string? WhyNot { get; }

    /// <summary>Makes the result of a step for which the disk had no room.</summary>
    static abstract TSelf NoSpace();
}

/// <summary>A result that can be made of a refusal alone, so that a request can be refused before its step sees it.</summary>
/// <typeparam name="TSelf">The result type itself.</typeparam>
public interface IRefusable<out TSelf>
{
    /// <summary>Makes the result that carries <paramref name="refusal"/>.</summary>
    static abstract TSelf Refused(Refusal refusal);
}

/// <summary>Either what was made of a request or why it was refused.</summary>
/// <typeparam name="T">What is made.</typeparam>
public sealed class Result<T> : IResult<Result<T>>, IRefusable<Result<T>>
    where T : notnull
{
    private Result(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>The value, or the default of <typeparamref name="T"/> when <see cref="Refusal"/> is set.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value, or <see langword="null"/>.</summary>
    public Refusal? Refusal { get; }

    /// <inheritdoc/>
    public string? WhyNot => Refusal?.Kind;

    /// <summary>Tells which of the two this is.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (Value, Refusal);
        return refusal is null;
    }

    /// <inheritdoc/>
    public static Result<T> Refused(Refusal refusal) => new(default, refusal);

    /// <inheritdoc/>
    public static Result<T> NoSpace() => new Refusal.NoSpace();

    /// <summary>Wraps a value.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>Wraps a refusal.</summary>
    public static implicit operator Result<T>(Refusal refusal) => Refused(refusal);
}
