namespace Servo.Application.Runs;

/// <summary>Tells whether a run that came now would be accepted and could execute.</summary>
public interface IReadiness
{
    /// <summary>What is out of the scripts' reach, and by what or why not, for the operator.</summary>
    string Sandbox { get; }

    /// <summary>
    /// Why not, as a sentence for the operator, or <see langword="null"/>. Also gets ready for the next run. Cheap, however many ask.
    /// </summary>
    Task<string?> WhyNotAsync(CancellationToken cancellationToken);
}
