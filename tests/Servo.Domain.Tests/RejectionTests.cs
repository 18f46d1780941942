using System.Reflection;
using System.Text.RegularExpressions;

namespace Servo.Domain.Tests;

public sealed partial class RejectionTests
{
    private static readonly Rejection[] _all =
    [
        new Rejection.Malformed("x"),
        new Rejection.BadSignature(),
        new Rejection.UploadTooLarge(1),
        new Rejection.NoSpace(),
        new Rejection.UploadDisplaced(),
        new Rejection.UploadTimedOut(TimeSpan.FromSeconds(1)),
        new Rejection.Busy(1),
        new Rejection.ShuttingDown(),
        new Rejection.Closed("closed", "x", "y", MayReopen: true),
        new Rejection.BadArchive("x"),
        new Rejection.ArchiveTooLarge("x"),
        new Rejection.UnsafeEntry("x", "y"),
        new Rejection.UndecryptableSecret("x", "y"),
        new Rejection.MissingScript("x"),
        new Rejection.ScriptFailed("x", 1),
        new Rejection.TimedOut("x", TimeSpan.FromSeconds(1)),
        new Rejection.Cancelled("x"),
        new Rejection.GatewayFault("why"),
        new Rejection.PortalUnavailable("x"),
        new Rejection.UnknownCallback(),
        new Rejection.CallbacksTooLarge(1),
        new Rejection.CallbackTagTaken("x"),
    ];

    [Fact]
    public void Every_rejection_is_listed_here() =>
        _all.Select(rejection => rejection.GetType()).ShouldBe(
            typeof(Rejection).GetNestedTypes(BindingFlags.Public).Where(type => type.IsSubclassOf(typeof(Rejection))), ignoreOrder: true);

    [Fact]
    public void Kinds_are_lower_case_with_hyphens_and_no_two_are_the_same()
    {
        _all.ShouldAllBe(rejection => Kind().IsMatch(rejection.Kind));
        _all.Select(rejection => rejection.Kind).ShouldBeUnique();
    }

    [Fact]
    public void Details_name_the_thing()
    {
        new Rejection.UndecryptableSecret("sub/a.aes", "why").Detail.ShouldBe("unable to decrypt sub/a.aes (why)");
        new Rejection.MissingScript("a.py").Detail.ShouldBe("unable to find a.py (check your scripts)");
        Rejection.MissingScript.Delivered("evil").Detail.ShouldBe("unable to find evil (a file of this name came by a callback, and what comes so is never run)");
        new Rejection.ScriptFailed("a.py", 3).Detail.ShouldBe("a.py failed on exit code 3");
        new Rejection.TimedOut("a.py", TimeSpan.FromMilliseconds(1500)).Detail.ShouldContain("1.5 seconds");
        new Rejection.UploadTooLarge(1024).Detail.ShouldContain("1024");
    }

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Kind();
}
