using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Servo.Application.Messaging;
using Servo.Domain.Runs;
using Servo.Testing;

namespace Servo.Application.Tests.Messaging;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Every_step_has_a_span_below_its_run_and_a_duration_with_its_outcome()
    {
        using var core = new Core();
        core.ReaderFails = new RunFailure.BadArchive("bogus");
        var spans = new ConcurrentBag<Activity>();
        var durations = new ConcurrentBag<(object? Step, object? Outcome)>();

        using var root = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StepTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "servo.step.duration" && ReferenceEquals(instrument.Meter.Scope, core.Get<IMeterFactory>()))
                    self.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary();
            durations.Add((named["servo.step"], named["servo.outcome"]));
        });
        meters.Start();

        await core.RunAsync();

        var ours = spans.Where(span => span.TraceId == root.TraceId).ToList();
        ours.Select(span => (span.OperationName, span.GetTagItem("servo.outcome"))).Order().ShouldBe(
            [("Run", null), ("UnpackArchive", "bad-archive"), ("VerifyUpload", "done")]);
        ours.Single(span => span.OperationName == "UnpackArchive").ParentSpanId.ShouldBe(ours.Single(span => span.OperationName == "Run").SpanId);
        durations.Order().ShouldBe([("UnpackArchive", "bad-archive"), ("VerifyUpload", "done")]);
    }
}
