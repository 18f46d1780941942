using FluentValidation;
using Servo.Domain;

namespace Servo.Application;

/// <summary>Finds every problem of the options at once, each named by its key.</summary>
public sealed class ServoOptionsValidator : AbstractValidator<ServoOptions>
{
    /// <summary>Sets the rules up.</summary>
    public ServoOptionsValidator()
    {
        RuleFor(servo => servo.Token).Must(token => TokenText.Problem(token) is null)
            .WithMessage(servo => $"Servo:Token {TokenText.Problem(servo.Token)}.");
        RuleFor(servo => servo.Portal.Token).Must(token => token.Length == 0 || TokenText.Problem(token) is null)
            .WithMessage(servo => $"Servo:Portal:Token {TokenText.Problem(servo.Portal.Token)}.");

        RuleFor(servo => servo.PublicUrl).Must(BeHttp).WithMessage("Servo:PublicUrl must be an absolute http or https URL.");
        RuleFor(servo => servo.Portal.Url).Must(BeHttp).WithMessage("Servo:Portal:Url must be an absolute http or https URL, such as http://10.0.0.1:9000.");
        RuleFor(servo => servo.Portal).Must(portal => portal.Mode != PortalMode.Ochothon || portal.Url is not null)
            .WithMessage("Servo:Portal:Url is missing: Servo:Portal:Mode is Ochothon.");

        RuleFor(servo => servo.Workspace.Root).Must(Directory.Exists).WithMessage(servo => $"Servo:Workspace:Root: there is no directory '{servo.Workspace.Root}'.");

        RuleFor(servo => servo.Uploads.MaxBytes).GreaterThanOrEqualTo(1).WithMessage("Servo:Uploads:MaxBytes is less than 1.");
        RuleFor(servo => servo.Uploads.MaxConcurrent).GreaterThanOrEqualTo(1).WithMessage("Servo:Uploads:MaxConcurrent is less than 1.");
        RuleFor(servo => servo.Uploads.MaxPerAddress).GreaterThanOrEqualTo(1).WithMessage("Servo:Uploads:MaxPerAddress is less than 1.");
        RuleFor(servo => servo.Uploads.MaxPendingBytes).GreaterThanOrEqualTo(servo => servo.Uploads.MaxBytes)
            .WithMessage("Servo:Uploads:MaxPendingBytes is less than Servo:Uploads:MaxBytes.");
        RuleFor(servo => servo.Uploads.Timeout).InclusiveBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(24))
            .WithMessage("Servo:Uploads:Timeout is not between one millisecond and 24 days.");
        RuleFor(servo => servo.Archives.MaxBytes).GreaterThanOrEqualTo(1).WithMessage("Servo:Archives:MaxBytes is less than 1.");
        RuleFor(servo => servo.Archives.MaxEntries).GreaterThanOrEqualTo(1).WithMessage("Servo:Archives:MaxEntries is less than 1.");
        RuleFor(servo => servo.Archives.MaxRatio).GreaterThanOrEqualTo(1).WithMessage("Servo:Archives:MaxRatio is less than 1.");

        RuleFor(servo => servo.Scripts.Python).NotEmpty().WithMessage("Servo:Scripts:Python is empty.");
        RuleFor(servo => servo.Scripts.Timeout).InclusiveBetween(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(24))
            .WithMessage("Servo:Scripts:Timeout is not between one millisecond and 24 days.");

        RuleFor(servo => servo.Output.MaxBytes).GreaterThanOrEqualTo(0).WithMessage("Servo:Output:MaxBytes is negative.");
        RuleFor(servo => servo.Runs.MaxConcurrent).GreaterThanOrEqualTo(1).WithMessage("Servo:Runs:MaxConcurrent is less than 1.");
        RuleFor(servo => servo.Runs.MaxQueued).GreaterThanOrEqualTo(0).WithMessage("Servo:Runs:MaxQueued is negative.");
    }

    private static bool BeHttp(Uri? uri) => uri is null || (uri.IsAbsoluteUri && (uri.Scheme is "http" or "https"));
}
