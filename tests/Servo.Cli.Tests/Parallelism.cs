using Servo.Cli.Tests;
using Servo.Testing;
using Xunit.v3;

// The tests wait more than they work: for gateways, and one of them for a minute.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestTestsFirst))]

namespace Servo.Cli.Tests;

/// <summary>The classes that take longest.</summary>
public sealed class LongestTestsFirst() : LongestFirst(
    nameof(SilentGatewayTests),
    nameof(UsageTests));
