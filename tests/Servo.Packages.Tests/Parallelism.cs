using Servo.Packages.Tests;
using Servo.Testing;

[assembly: TestCollectionOrderer(typeof(LongestTestsFirst))]

namespace Servo.Packages.Tests;

/// <summary>The classes that take longest.</summary>
public sealed class LongestTestsFirst() : LongestFirst(
    nameof(ClientsPageTests),
    nameof(ServoDeployTests),
    nameof(ReadmeTests),
    nameof(DemoTests));
