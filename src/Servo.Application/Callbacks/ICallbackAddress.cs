namespace Servo.Application.Callbacks;

/// <summary>Where the outside world reaches a run in progress.</summary>
public interface ICallbackAddress
{
    /// <summary>The absolute address for a callback token, or <see langword="null"/> where the host listens nowhere.</summary>
    string? For(string callbackToken);
}
