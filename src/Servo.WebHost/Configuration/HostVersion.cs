using System.Reflection;

namespace Servo.WebHost.Configuration;

/// <summary>The version that the host was built as.</summary>
internal static class HostVersion
{
    /// <summary>Such as <c>0.1.0</c>, or for a build between releases <c>0.1.0-dev.714.g1a2b3c4</c>.</summary>
    public static string Text { get; } =
        typeof(HostVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
