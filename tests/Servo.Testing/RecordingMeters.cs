using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Servo.Testing;

/// <summary>A factory of meters that keeps what their counters count.</summary>
public sealed class RecordingMeters : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Meter> _meters = new();

    public RecordingMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => Measured.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}".TrimEnd()));
        _listener.Start();
    }

    /// <summary>What was measured, each as its instrument, value and tags.</summary>
    public ConcurrentQueue<string> Measured { get; } = new();

    /// <summary>Asks the instruments that tell when they are asked.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Enqueue(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();

        foreach (var meter in _meters)
            meter.Dispose();
    }
}
