using System.Diagnostics.CodeAnalysis;

namespace Servo.Domain.Runs;

#pragma warning disable CA1000 // NoSpace is called through the static abstract member, never by naming the closed type.

/// <summary>Either what a step of a run made or why the run failed in it.</summary>
/// <typeparam name="T">What the step makes.</typeparam>
public sealed class StepResult<T> : IResult<StepResult<T>>
    where T : notnull
{
    private StepResult(T? value, RunFailure? failure) => (Value, Failure) = (value, failure);

    /// <summary>The value, or the default of <typeparamref name="T"/> when <see cref="Failure"/> is set.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value, or <see langword="null"/>.</summary>
    public RunFailure? Failure { get; }

    /// <inheritdoc/>
    public string? WhyNot => Failure?.Kind;

    /// <summary>Tells which of the two this is.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out RunFailure? failure)
    {
        (value, failure) = (Value, Failure);
        return failure is null;
    }

    /// <inheritdoc/>
    public static StepResult<T> NoSpace() => new RunFailure.NoSpace();

    /// <summary>Wraps a value.</summary>
    public static implicit operator StepResult<T>(T value) => new(value, null);

    /// <summary>Wraps a failure.</summary>
    public static implicit operator StepResult<T>(RunFailure failure) => new(default, failure);
}
