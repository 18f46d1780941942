namespace Servo.Infrastructure.Tests.Runs;

public sealed class EmbeddedAcceptTests() : AcceptConformance(new EmbeddedState());

public sealed class EmbeddedClaimTests() : ClaimConformance(new EmbeddedState());

public sealed class EmbeddedStartTests() : StartConformance(new EmbeddedState());

public sealed class EmbeddedLeaseTests() : LeaseConformance(new EmbeddedState());

public sealed class EmbeddedListTests() : ListConformance(new EmbeddedState());

public sealed class EmbeddedLostAnswerTests() : LostAnswerConformance(new EmbeddedState());
