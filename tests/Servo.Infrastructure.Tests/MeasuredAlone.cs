namespace Servo.Infrastructure.Tests;

/// <summary>Tests that measure the process's memory: they run when no other test does.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuredAlone;
