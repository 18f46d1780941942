using Servo.Ochopod.Tests;
using Xunit.Sdk;
using Xunit.v3;

// The tests wait more than they work: for sessions to expire, and for runs to end.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Servo.Ochopod.Tests;

/// <summary>The others go on beside the run that takes a minute, and not after it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName.Contains(nameof(LongRunTests), StringComparison.Ordinal))];
}
