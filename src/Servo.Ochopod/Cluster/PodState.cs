namespace Servo.Ochopod.Cluster;

/// <summary>What a pod does with runs.</summary>
internal enum PodProcess
{
    /// <summary>It takes none.</summary>
    Stopped,

    /// <summary>It takes them.</summary>
    Running,

    /// <summary>It takes none and waits for those in progress.</summary>
    Terminating,

    /// <summary>It takes none and never will again.</summary>
    Dead,
}

/// <summary>What a pod says of itself at any moment; safe to read and to change from everywhere.</summary>
internal sealed class PodState
{
    private volatile string _role = Follower;
    private volatile string? _status;
    private volatile PodRegistration? _registration;

    /// <summary>The state of a pod that does not lead.</summary>
    public const string Follower = "follower";

    /// <summary>The state of one that leads a configured cluster.</summary>
    public const string Leader = "leader";

    /// <summary>The state of one that leads and waits for what the cluster depends on.</summary>
    public const string Pending = "leader (configuration pending)";

    /// <summary>The state of one that configures the cluster.</summary>
    public const string Configuring = "leader (configuring)";

    /// <summary>Its part in the cluster.</summary>
    public string Role
    {
        get => _role;
        set => _role = value;
    }

    /// <summary>What it last said about the cluster; <see langword="null"/> until it has led once.</summary>
    public string? Status
    {
        get => _status;
        set => _status = value;
    }

    /// <summary>How it is registered; <see langword="null"/> until it was once.</summary>
    public PodRegistration? Registration
    {
        get => _registration;
        set => _registration = value;
    }
}
