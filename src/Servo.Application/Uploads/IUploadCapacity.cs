namespace Servo.Application.Uploads;

/// <summary>How many uploads this process has room for, whatever the settings allow.</summary>
public interface IUploadCapacity
{
    /// <summary>Uploads that may arrive at the same time.</summary>
    int Uploads { get; }
}

/// <summary>Room for as many as the settings allow.</summary>
internal sealed class AmpleCapacity : IUploadCapacity
{
    public int Uploads => int.MaxValue;
}
