using Servo.Ochopod.Tests;
using Servo.Testing;
using Xunit.v3;

// The tests wait more than they work: for sessions to expire, and for runs to end.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestTestsFirst))]

namespace Servo.Ochopod.Tests;

/// <summary>The classes that take longest.</summary>
public sealed class LongestTestsFirst() : LongestFirst(
    nameof(LongRunTests));
