using System.Runtime.InteropServices;
using Servo.Testing;

namespace Servo.Infrastructure.Tests.Files;

/// <summary>Runs a piece of a test without root's rights over files.</summary>
internal static partial class Unprivileged
{
    /// <summary>Runs it on a thread of its own that has another user's rights (setfsuid(2)) where the tests run as root.</summary>
    public static T Run<T>(Func<T> work)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
                _ = SetFileSystemUser(Superuser.OtherUser);

            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });

        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new AggregateException(failure);
    }

    /// <summary>Hands a tree over to that user.</summary>
    public static async Task OwnAsync(string path)
    {
        if (Environment.IsPrivilegedProcess)
            await ChildProcess.RunAsync("/", "chown", "-hR", $"{Superuser.OtherUser}", path);
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
