using System.Runtime.InteropServices;

namespace Servo.WebHost.Lifetime;

/// <summary>Signatures and secrets need OpenSSL. Without it the runtime aborts the process (134) at the first use, with no exception to catch.</summary>
internal static class OpenSslLibrary
{
    // Those that the runtime looks for (opensslshim.c).
    private static readonly string?[] _versions = [Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE"), "4", "3", "1.1", "1.0.2", "1.0.0", "10"];

    /// <exception cref="DllNotFoundException">There is none.</exception>
    public static void Require()
    {
        if (!_versions.Any(version => version is not null && NativeLibrary.TryLoad($"libssl.so.{version}", out _)))
            throw new DllNotFoundException("There is no usable OpenSSL (libssl): install it, such as Debian's package libssl3");
    }
}
