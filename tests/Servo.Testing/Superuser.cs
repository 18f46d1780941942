namespace Servo.Testing;

/// <summary>For tests of what only root can bring about, such as folders of another user.</summary>
public static class Superuser
{
    /// <summary>Some user that is not root.</summary>
    public const int OtherUser = 65534;

    /// <summary>Fails the test, instead of passing it over, where it runs as another user.</summary>
    public static void Require()
    {
        if (!Environment.IsPrivilegedProcess)
            throw new InvalidOperationException("This test makes files of another user, and so must run as root: as test.sh does in CI.");
    }
}
