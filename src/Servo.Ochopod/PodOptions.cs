using FluentValidation;

namespace Servo.Ochopod;

/// <summary>Whether, and how, the host is a pod of an Ochopod cluster: the section <c>Servo:Pod</c> of the configuration.</summary>
public sealed class PodOptions
{
    /// <summary>Whether the host registers in ZooKeeper and opens a control endpoint.</summary>
    /// <value>
    /// Default: if the environment is that of a pod (<c>ochopod_cluster</c>, <c>ochopod_namespace</c>, <c>MARATHON_APP_ID</c> or <c>pod</c> is set).
    /// </value>
    public bool? Enabled { get; set; }

    /// <summary>Whether the control endpoint also runs shell lines (the tool <c>shell</c>), for everyone who can reach it.</summary>
    /// <value>Default: no.</value>
    public bool Shell { get; set; }

    /// <summary>Where the metadata service of EC2 is asked for this machine's address.</summary>
    /// <value>An absolute http or https address; default <c>http://169.254.169.254/</c>.</value>
    public Uri MetadataUrl { get; set; } = new("http://169.254.169.254/");
}

/// <summary>Finds every problem of the options at once, each named by its key.</summary>
public sealed class PodOptionsValidator : AbstractValidator<PodOptions>
{
    /// <summary>Sets the rules up.</summary>
    public PodOptionsValidator() =>
        RuleFor(pod => pod.MetadataUrl).Must(url => url.IsAbsoluteUri && url.Scheme is "http" or "https")
            .WithMessage("Servo:Pod:MetadataUrl must be an absolute http or https URL.");
}
