using Servo.Application;
using Servo.Application.Settings;

namespace Servo.Ochopod;

/// <summary>Whether, and how, the host is a pod of an Ochopod cluster.</summary>
public sealed class PodOptions
{
    /// <summary>Its section of the configuration.</summary>
    public const string Section = GatewayOptions.Section + ":Pod";

    /// <summary>Whether the host registers in ZooKeeper and opens a control endpoint.</summary>
    /// <value>
    /// Default: if the environment is that of a pod (<c>ochopod_cluster</c>, <c>ochopod_namespace</c>, <c>MARATHON_APP_ID</c> or <c>pod</c> is set).
    /// </value>
    public bool? Enabled { get; set; }

    /// <summary>Whether the control endpoint also runs shell lines (the tool <c>shell</c>), for everyone who can reach it.</summary>
    /// <value>Default: no.</value>
    public bool Shell { get; set; }

    /// <summary>Where the metadata service of EC2 is asked for this machine's address.</summary>
    /// <value>An absolute http or https URL; default <c>http://169.254.169.254/</c>.</value>
    [HttpUrl]
    public Uri MetadataUrl { get; set; } = new("http://169.254.169.254/");
}
