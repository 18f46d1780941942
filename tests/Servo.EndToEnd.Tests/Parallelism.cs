using Servo.EndToEnd.Tests;
using Xunit.Sdk;
using Xunit.v3;

// The tests wait more than they work: for hosts to start, and for runs to end.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Servo.EndToEnd.Tests;

/// <summary>The others go on beside the classes that take longest, and not after them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest =
    [
        nameof(SupervisionTests),
        nameof(OpenFilesTests),
        nameof(DiagnosticsTests),
        nameof(OperatorTests),
        nameof(StartTests),
        nameof(CrashTests),
        nameof(RestartTests),
        nameof(ManyTests),
        nameof(DurabilityTests),
        nameof(SoakTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => s_longest.Any(name => IsOf(collection, name)))];

    private static bool IsOf(ITestCollection collection, string name) =>
        collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal);
}
