using Servo.Cli.Tests;
using Xunit.Sdk;
using Xunit.v3;

// The tests wait more than they work: for gateways, and one of them for a minute.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Servo.Cli.Tests;

/// <summary>The others go on beside the classes that take longest, and not after them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest =
    [
        nameof(SilentGatewayTests),
        nameof(UsageTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => s_longest.Any(name => IsOf(collection, name)))];

    private static bool IsOf(ITestCollection collection, string name) =>
        collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal);
}
