using Servo.Application.Workspaces;

namespace Servo.AspNetCore.Answers;

/// <summary>Makes a spool for each answer that is kept.</summary>
internal sealed class OutputSpools(ITemporaryFiles files, ILogger<OutputSpool> logger)
{
    public OutputSpool Create() => new(files, logger);
}
