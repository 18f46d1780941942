using System.Runtime.InteropServices;
using Servo.WebHost.Lifetime;

namespace Servo.WebHost.Tests;

public sealed partial class ProcessPrivacyTests
{
    private const int GetDumpable = 3;

    [Fact]
    public void Closes_the_process_to_others_of_its_user()
    {
        ProcessPrivacy.Enable();

        Control(GetDumpable, 0, 0, 0, 0).ShouldBe(0);
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);
}
