namespace Servo.Application.Runs;

/// <summary>
/// The folder in which this host keeps its runs was deleted or replaced: what it keeps from now on, no other host will find.
/// </summary>
public sealed class StateGoneException(string folder)
    : IOException($"The folder '{folder}', in which runs are kept, was deleted or replaced under this host. Start the host again.");
