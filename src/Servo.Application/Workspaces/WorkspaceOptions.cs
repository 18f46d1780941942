using Servo.Application.Settings;

namespace Servo.Application.Workspaces;

/// <summary>Where runs live on disk.</summary>
public sealed class WorkspaceOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Workspace";

    /// <summary>The key of <see cref="Root"/>.</summary>
    public const string RootKey = Section + ":" + nameof(Root);

    /// <summary>Directory under which every run gets its private directory.</summary>
    /// <value>
    /// An existing, writable directory; default: a cache folder of the host's own, as scripts can make nothing in the folders above it.
    /// </value>
    [ExistingDirectory]
    public string? Root { get; set; }
}
