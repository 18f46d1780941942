using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Servo.Application.Messaging;

/// <summary>The names under which Servo reports spans and metrics (OpenTelemetry conventions).</summary>
public sealed class StepTelemetry(IMeterFactory meters)
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string SourceName = "Servo";

    internal static readonly ActivitySource Source = new(SourceName);

    internal Histogram<double> Duration { get; } =
        meters.Create(SourceName).CreateHistogram<double>("servo.step.duration", "s", "How long a step of a run took.");
}
