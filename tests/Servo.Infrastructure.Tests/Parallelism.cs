using Servo.Infrastructure.Tests;
using Servo.Infrastructure.Tests.Archives;
using Servo.Infrastructure.Tests.Scripts;
using Servo.Infrastructure.Tests.Secrets;
using Servo.Testing;

[assembly: TestCollectionOrderer(typeof(LongestTestsFirst))]

namespace Servo.Infrastructure.Tests;

/// <summary>The classes that take longest.</summary>
public sealed class LongestTestsFirst() : LongestFirst(
    nameof(UnopenedSecretTests),
    nameof(DamagedArchiveTests),
    nameof(NothingReachesTheNextScriptTests));
