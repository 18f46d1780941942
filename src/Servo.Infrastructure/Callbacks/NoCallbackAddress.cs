using Servo.Application.Callbacks;

namespace Servo.Infrastructure.Callbacks;

/// <summary>For a host that listens nowhere.</summary>
internal sealed class NoCallbackAddress : ICallbackAddress
{
    public string? For(string callbackToken) => null;
}
