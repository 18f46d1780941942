using Servo.EndToEnd.Tests;
using Servo.Testing;
using Xunit.v3;

// The tests wait more than they work: for hosts to start, and for runs to end.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestTestsFirst))]

namespace Servo.EndToEnd.Tests;

/// <summary>The classes that take longest.</summary>
public sealed class LongestTestsFirst() : LongestFirst(
    nameof(SupervisionTests),
    nameof(OpenFilesTests),
    nameof(DiagnosticsTests),
    nameof(OperatorTests),
    nameof(StartTests),
    nameof(CrashTests),
    nameof(RestartTests),
    nameof(ManyTests),
    nameof(DurabilityTests),
    nameof(SoakTests));
