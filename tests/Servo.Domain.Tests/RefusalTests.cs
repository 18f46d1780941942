using System.Reflection;
using System.Text.RegularExpressions;
using Servo.Domain.Runs;

namespace Servo.Domain.Tests;

public sealed partial class RefusalTests
{
    private static readonly Refusal[] _refusals =
    [
        new Refusal.Malformed("x"),
        new Refusal.BadSignature(),
        new Refusal.UploadTooLarge(1, "S"),
        new Refusal.NoSpace(),
        Refusal.StateFull.NoRoom("S"),
        new Refusal.IdempotencyKeyReused(),
        new Refusal.UnknownRun(),
        new Refusal.RangeNotSatisfiable(7),
        new Refusal.BadRequestSignature(),
        new Refusal.UploadDisplaced(),
        new Refusal.UploadTimedOut(TimeSpan.FromSeconds(1), "S"),
        new Refusal.Busy(1, TimeSpan.FromSeconds(5)),
        new Refusal.ShuttingDown(),
        new Refusal.Closed("closed", "x", "y", MayReopen: true),
        new Refusal.PortalUnavailable("x"),
        new Refusal.UnknownCallback(),
        new Refusal.CallbacksTooLarge(1, "S"),
        new Refusal.CallbackTagTaken("x"),
    ];

    private static readonly RunFailure[] _failures =
    [
        new RunFailure.BadArchive("x"),
        new RunFailure.ArchiveTooLarge("x"),
        new RunFailure.UnsafeEntry("x", "y"),
        new RunFailure.UndecryptableSecret("x", "y"),
        new RunFailure.MissingScript("x"),
        new RunFailure.ScriptFailed("x", 1),
        new RunFailure.CpuTime("x", 1, "S"),
        new RunFailure.OutOfMemory("x", 1, "S"),
        new RunFailure.FileTooLarge("x", 1, "S"),
        new RunFailure.TooManyOpenFiles("x", 1, "S"),
        new RunFailure.TooManyProcesses("x", 1, "S"),
        new RunFailure.WorkspaceTooLarge("x", "S"),
        new RunFailure.TimedOut("x", TimeSpan.FromSeconds(1), "S"),
        new RunFailure.Cancelled("x"),
        new RunFailure.GivenUp("given-up", "x"),
        new RunFailure.NotStarted(TimeSpan.FromSeconds(1), "S"),
        RunFailure.Lost.InProgress,
        new RunFailure.Recorded("recorded", "x"),
        new RunFailure.NoSpace(),
        new RunFailure.GatewayFault("why"),
    ];

    [Fact]
    public void Every_refusal_and_every_failure_is_listed_here()
    {
        _refusals.Select(refusal => refusal.GetType()).ShouldBe(Closed(typeof(Refusal)), ignoreOrder: true);
        _failures.Select(failure => failure.GetType()).ShouldBe(Closed(typeof(RunFailure)), ignoreOrder: true);
    }

    [Fact]
    public void Kinds_are_lower_case_with_hyphens_and_no_two_are_the_same()
    {
        string[] ofRefusals = [.. _refusals.Select(refusal => refusal.Kind)];
        string[] ofFailures = [.. _failures.Select(failure => failure.Kind)];

        ofRefusals.Concat(ofFailures).ShouldAllBe(kind => Kind().IsMatch(kind));
        ofRefusals.ShouldBeUnique();
        ofFailures.ShouldBeUnique();
        // A full disk may refuse a request and may fail a run.
        ofRefusals.Intersect(ofFailures).ShouldBe(["no-space"]);
    }

    [Fact]
    public void Details_name_the_thing()
    {
        new RunFailure.UndecryptableSecret("sub/a.aes", "why").Detail.ShouldBe("unable to decrypt sub/a.aes (why)");
        new RunFailure.MissingScript("a.py").Detail.ShouldBe("unable to find a.py (check your scripts)");
        RunFailure.MissingScript.Delivered("evil").Detail.ShouldBe(
            "unable to find evil (a file of this name came by a callback, and what comes so is never run)");
        new RunFailure.ScriptFailed("a.py", 3).Detail.ShouldBe("a.py failed on exit code 3");
        new RunFailure.TimedOut("a.py", TimeSpan.FromMilliseconds(1500), "Servo:Some:Setting").Detail.ShouldBe(
            "a.py was ended after the run's 1.5 seconds (Servo:Some:Setting)");
        new Refusal.UploadTooLarge(1024, "Servo:Some:Setting").Detail.ShouldBe("The upload is larger than 1024 bytes (Servo:Some:Setting).");
    }

    private static IEnumerable<Type> Closed(Type type) => type.GetNestedTypes(BindingFlags.Public).Where(nested => nested.IsSubclassOf(type));

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Kind();
}
