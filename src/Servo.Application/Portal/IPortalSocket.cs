namespace Servo.Application.Portal;

/// <summary>The Unix socket on which the host takes commands of its runs' scripts.</summary>
public interface IPortalSocket
{
    /// <summary>Its path, or <see langword="null"/> where the host has none; scripts that proxy a command then fail with a sentence.</summary>
    string? Path { get; }
}
