namespace Servo.Ochopod.Deployment;

/// <summary>Says that a pod cannot find out where others reach it; something that only an operator can mend.</summary>
public sealed class PodAddressException(string message, Exception? inner = null) : Exception(message, inner);
