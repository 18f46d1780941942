namespace Servo.Infrastructure.Tests.Runs;

public sealed class EmbeddedAcceptTests() : AcceptConformance(new EmbeddedState());

public sealed class EmbeddedClaimTests() : ClaimConformance(new EmbeddedState());

public sealed class EmbeddedStartTests() : StartConformance(new EmbeddedState());
