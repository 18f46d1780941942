namespace Servo.WebHost.Lifetime;

/// <summary>How far the host has come, and how it ends.</summary>
internal sealed class HostStart
{
    private volatile bool _isComplete;

    /// <summary>Whether the host listens, or did.</summary>
    public bool IsComplete => _isComplete;

    public void Complete() => _isComplete = true;
}
