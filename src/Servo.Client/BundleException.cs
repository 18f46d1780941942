namespace Servo.Client;

/// <summary>What cannot be packed or run as it is, said before anything was uploaded; the message names the thing and the next step.</summary>
public sealed class BundleException : Exception
{
    /// <summary>Makes an exception with a message.</summary>
    public BundleException(string message) : base(message)
    {
    }

    /// <summary>Makes an exception with a message and its cause.</summary>
    public BundleException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
