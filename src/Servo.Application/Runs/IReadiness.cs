namespace Servo.Application.Runs;

/// <summary>Tells whether a run that came now would be accepted and could execute.</summary>
public interface IReadiness
{
    /// <summary>
    /// Why not, as a sentence for the operator, or <see langword="null"/>. Also gets ready for the next run. Cheap, however many ask.
    /// </summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);
}
