using FluentValidation;
using MediatR;
using Servo.Domain;

namespace Servo.Application.Messaging;

/// <summary>Answers <see cref="Refusal.Malformed"/> with every problem of a command that its validators find, before its handler sees it.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
    where TResponse : IRefusable<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var problems = new List<string>();

        foreach (var validator in validators)
        {
            var outcome = await validator.ValidateAsync(request, cancellationToken);
            problems.AddRange(outcome.Errors.Select(error => error.ErrorMessage));
        }

        return problems.Count == 0 ? await next() : TResponse.Refused(new Refusal.Malformed(string.Join(' ', problems)));
    }
}
