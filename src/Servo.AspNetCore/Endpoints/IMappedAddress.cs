namespace Servo.AspNetCore.Endpoints;

/// <summary>Knows where others reach a port of this machine, where a scheduler maps it to another address.</summary>
public interface IMappedAddress
{
    /// <summary>The address under which others reach the port; <see langword="null"/> where it is not mapped.</summary>
    Uri? Of(int port);
}
