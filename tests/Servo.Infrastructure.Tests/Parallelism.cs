using Servo.Infrastructure.Tests;
using Servo.Infrastructure.Tests.Archives;
using Servo.Infrastructure.Tests.Scripts;
using Servo.Infrastructure.Tests.Secrets;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Servo.Infrastructure.Tests;

/// <summary>The others go on beside the classes that take longest, and not after them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest =
    [
        nameof(UnopenedSecretTests),
        nameof(DamagedArchiveTests),
        nameof(NothingReachesTheNextScriptTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => s_longest.Any(name => IsOf(collection, name)))];

    private static bool IsOf(ITestCollection collection, string name) =>
        collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal);
}
